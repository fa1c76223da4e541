import { defineCommand } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { usageStream } from "#domain/kernel/ids.ts";
import { dayOf } from "#domain/kernel/time.ts";
import { usage, usageIdentity, usagePayload, usageRecorded } from "#domain/usage/usage.ts";

/** Records reported usage in the day that its time names. The same report again is counted once. */
export const recordUsage = defineCommand({
  name: "RecordUsage",
  input: usageRecorded.schema,
  aggregate: usage,
  stream: ({ instance_id, time }) => usageStream(instance_id, dayOf(time)),
  decide(record, state) {
    const known = state.records.get(usageIdentity(record.source, record.id));
    if (known === undefined) return [usageRecorded(record)];
    if (known === usagePayload(record)) return [];
    throw new Refusal("usage-conflict", "This source and id were reported with another time, meter or quantity.", { source: record.source, id: record.id });
  },
});
