import { defineCommand } from "#domain/kernel/aggregate.ts";
import { ledgerStream } from "#domain/kernel/ids.ts";
import { instanceEnrolled, ledger } from "#domain/ledger/ledger.ts";

/** Puts an instance on its account's roster, before the instance itself is requested. */
export const enrollInstance = defineCommand({
  name: "EnrollInstance",
  input: instanceEnrolled.schema,
  aggregate: ledger,
  stream: ({ account_id }) => ledgerStream(account_id),
  decide: (data, state) => (state.instances.has(data.instance_id) ? [] : [instanceEnrolled(data)]),
});
