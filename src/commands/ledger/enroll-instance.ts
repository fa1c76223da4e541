import { z } from "zod";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { ledgerStream } from "#domain/kernel/ids.ts";
import { begunAfter, instanceEnrolled, ledger } from "#domain/ledger/ledger.ts";

/** What is known of an account's room for instances before its ledger is looked at. */
export interface Room {
  /** Live instances that it may have. */
  readonly most: number;
  readonly live: number;
  /** Enrolled instances that are counted: live, or ended. */
  readonly counted: ReadonlySet<string>;
}

/** What is enrolled. */
export type Enrolment = z.input<typeof instanceEnrolled.schema>;

/**
 * Puts an instance on its account's roster, before the instance itself is requested. Given what room there is, it refuses one
 * too many: an instance that was enrolled a moment ago, and that nobody has counted yet, takes room as a live one does.
 */
export const enrollInstance = defineCommand({
  name: "EnrollInstance",
  input: instanceEnrolled.schema.extend({ room: z.custom<Room>().optional() }),
  aggregate: ledger,
  stream: ({ account_id }) => ledgerStream(account_id),
  decide: ({ room, ...data }, state, { now }) => {
    const begun = begunAfter(state, now);
    if (begun.includes(data.instance_id)) return [];
    if (room !== undefined) {
      const live = room.live + begun.filter((id) => !room.counted.has(id)).length;
      if (live >= room.most)
        throw new Refusal("quota-exceeded", `The account has ${live} live instances and may have ${room.most}; terminate one, or ask the operator for more.`, { live, most: room.most });
    }
    return state.instances.has(data.instance_id) ? [] : [instanceEnrolled(data)];
  },
});
