import type { Role } from "#domain/account/account.ts";
import type { AccountDocument } from "./accounts.ts";
import { projection } from "./projection.ts";

/** What a request's key stands for; found by the key's hash. */
export interface ApiKeyDocument {
  readonly account_id: string;
  readonly key_id: string;
  readonly hint: string;
  readonly label: string | null;
  /** A key that may only report the usage of this instance. */
  readonly instance_id: string | null;
  readonly created_at: string;
  readonly revoked: boolean;
}

/** Keys by their hash. */
export const apiKeys = projection<ApiKeyDocument>({
  name: "api-keys",
  version: 1,
  indexes: [{ name: "by_account", equals: ["account_id"], sort: "created_at" }],
  key: (event) => ("key_hash" in event.data ? event.data.key_hash : null),
  start: {
    ApiKeyIssued: ({ data, metadata }) => ({
      account_id: data.account_id, key_id: data.key_id, hint: data.hint, label: data.label ?? null,
      instance_id: data.instance_id ?? null, created_at: metadata.recorded_at, revoked: false,
    }),
  },
  on: { ApiKeyRevoked: (key) => ({ ...key, revoked: true }) },
});

/** Whom a key speaks for. */
export interface Principal {
  readonly account_id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly currency: string;
  readonly key_id: string;
  /** A key that may only report the usage of this instance. */
  readonly instance_id: string | null;
}

/** The principal of a key and its account; null for a revoked key. */
export const principalOf = (key: ApiKeyDocument, account: AccountDocument): Principal | null =>
  key.revoked ? null : {
    account_id: key.account_id, name: account.name, roles: account.roles, currency: account.currency,
    key_id: key.key_id, instance_id: key.instance_id,
  };
