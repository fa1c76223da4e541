import { z } from "zod";
import type { Aggregate } from "../kernel/aggregate.ts";
import { type EventOf, eventType } from "../kernel/event.ts";
import { accountId, instanceId } from "../kernel/ids.ts";
import { currencies } from "../kernel/money.ts";

/** What an account may do. An operator may do everything. */
export const role = z.enum(["customer", "publisher", "operator"]);
/** One of customer, publisher, operator. */
export type Role = z.infer<typeof role>;

export const accountOpened = eventType("AccountOpened", z.object({
  account_id: accountId, name: z.string(), roles: z.array(role), currency: z.enum(currencies),
}));
/** The key itself is shown once and never stored; `key_hash` is its HMAC-SHA256 in hex. */
export const apiKeyIssued = eventType("ApiKeyIssued", z.object({
  account_id: accountId, key_id: z.string(), key_hash: z.string(), hint: z.string(), label: z.string().optional(),
  /** A key that may only report the usage of this instance. */
  instance_id: instanceId.optional(),
}));
export const apiKeyRevoked = eventType("ApiKeyRevoked", z.object({ account_id: accountId, key_id: z.string(), key_hash: z.string() }));

/** Everything that can happen to an account. */
export type AccountEvent = EventOf<typeof accountOpened> | EventOf<typeof apiKeyIssued> | EventOf<typeof apiKeyRevoked>;

/** An account as its stream folds: null before it is opened. */
export interface AccountState {
  readonly opened: { readonly name: string; readonly roles: readonly Role[]; readonly currency: string } | null;
  /** Live keys by id. */
  readonly keys: Readonly<Record<string, { readonly hash: string; readonly instance?: string }>>;
}

/** Folds an account's stream. */
export const account: Aggregate<AccountState, AccountEvent> = {
  name: "account",
  initial: () => ({ opened: null, keys: {} }),
  events: [accountOpened, apiKeyIssued, apiKeyRevoked],
  evolve(state, event) {
    switch (event.type) {
      case "AccountOpened":
        return { ...state, opened: { name: event.data.name, roles: event.data.roles, currency: event.data.currency } };
      case "ApiKeyIssued": {
        const { key_id, key_hash, instance_id } = event.data;
        const key = instance_id === undefined ? { hash: key_hash } : { hash: key_hash, instance: instance_id };
        return { ...state, keys: { ...state.keys, [key_id]: key } };
      }
      case "ApiKeyRevoked": {
        const { [event.data.key_id]: _revoked, ...keys } = state.keys;
        return { ...state, keys };
      }
    }
  },
};
