import type { Role } from "#domain/account/account.ts";
import { projection } from "./projection.ts";

/** An API key as its owner may see it. */
export interface KeyEntry {
  readonly key_id: string;
  readonly hint: string;
  readonly label: string | null;
  readonly instance_id: string | null;
  readonly created_at: string;
}

/** An account with its live keys, the newest last. */
export interface AccountDocument {
  readonly account_id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly currency: string;
  readonly created_at: string;
  readonly keys: readonly KeyEntry[];
}

/** Accounts by id. */
export const accounts = projection<AccountDocument>({
  name: "accounts",
  version: 1,
  indexes: [{ name: "all", equals: [], sort: "created_at" }],
  key: (event) => ("account_id" in event.data ? event.data.account_id : null),
  start: {
    AccountOpened: ({ data, metadata }) => ({
      account_id: data.account_id, name: data.name, roles: data.roles, currency: data.currency, created_at: metadata.recorded_at, keys: [],
    }),
  },
  on: {
    ApiKeyIssued: (account, { data, metadata }) => ({
      ...account,
      keys: [...account.keys, {
        key_id: data.key_id, hint: data.hint, label: data.label ?? null, instance_id: data.instance_id ?? null,
        created_at: metadata.recorded_at,
      }],
    }),
    ApiKeyRevoked: (account, { data }) => ({ ...account, keys: account.keys.filter((key) => key.key_id !== data.key_id) }),
  },
});

/** An account as the API shows it. */
export const accountView = ({ account_id, name, roles, currency, created_at, keys }: AccountDocument) =>
  ({ account_id, name, roles, currency, created_at, api_keys: keys });
