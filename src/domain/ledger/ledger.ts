import { z } from "zod";
import type { Aggregate } from "../kernel/aggregate.ts";
import { type EventOf, eventType } from "../kernel/event.ts";
import { accountId, agentId, instanceId } from "../kernel/ids.ts";

/** The roster of an account's instances: what an audit of the account walks. */
export const instanceEnrolled = eventType("InstanceEnrolled", z.object({ account_id: accountId, instance_id: instanceId, agent_id: agentId }));

/** Everything that can happen to a ledger. */
export type LedgerEvent = EventOf<typeof instanceEnrolled>;

/** Instances of an account in the order of their enrolment. */
export interface LedgerState {
  readonly instances: Set<string>;
}

/** Folds an account's ledger. */
export const ledger: Aggregate<LedgerState, LedgerEvent> = {
  name: "ledger",
  initial: () => ({ instances: new Set() }),
  events: [instanceEnrolled],
  evolve(state, event) {
    state.instances.add(event.data.instance_id);
    return state;
  },
};
