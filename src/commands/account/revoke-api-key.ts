import { z } from "zod";
import { account, apiKeyRevoked } from "#domain/account/account.ts";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { accountId } from "#domain/kernel/ids.ts";

/** Takes a key away; one that is gone is fine. */
export const revokeApiKey = defineCommand({
  name: "RevokeApiKey",
  input: z.object({ account_id: accountId, key_id: z.string() }),
  aggregate: account,
  stream: ({ account_id }) => account_id,
  decide({ account_id, key_id }, state) {
    const key = state.keys[key_id];
    return key === undefined ? [] : [apiKeyRevoked({ account_id, key_id, key_hash: key.hash })];
  },
});
