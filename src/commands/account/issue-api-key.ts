import { z } from "zod";
import { account, apiKeyIssued } from "#domain/account/account.ts";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { accountId, instanceId } from "#domain/kernel/ids.ts";

/** Gives an account another key, or one that may only report the usage of an instance. */
export const issueApiKey = defineCommand({
  name: "IssueApiKey",
  input: z.object({
    account_id: accountId, key_id: z.string(), key_hash: z.string(), hint: z.string(), label: z.string().optional(),
    instance_id: instanceId.optional(),
  }),
  aggregate: account,
  stream: ({ account_id }) => account_id,
  decide(input, state) {
    if (state.opened === null) throw new Refusal("account-not-found", "There is no such account.");
    return Object.hasOwn(state.keys, input.key_id) ? [] : [apiKeyIssued(input)];
  },
});
