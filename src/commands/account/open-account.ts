import { z } from "zod";
import { account, accountOpened, apiKeyIssued, role } from "#domain/account/account.ts";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { accountId } from "#domain/kernel/ids.ts";
import { currencies } from "#domain/kernel/money.ts";

/** Opens an account with its first key, in one append. */
export const openAccount = defineCommand({
  name: "OpenAccount",
  input: z.object({
    account_id: accountId, name: z.string(), roles: z.array(role), currency: z.enum(currencies),
    key: z.object({ key_id: z.string(), key_hash: z.string(), hint: z.string() }),
  }),
  aggregate: account,
  stream: ({ account_id }) => account_id,
  decide: ({ account_id, name, roles, currency, key }, state) =>
    state.opened === null
      ? [accountOpened({ account_id, name, roles, currency }), apiKeyIssued({ account_id, ...key, label: "first" })]
      : [],
});
