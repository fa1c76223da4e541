import { z } from "zod";
import type { Aggregate } from "../kernel/aggregate.ts";
import { type EventOf, eventType } from "../kernel/event.ts";
import { accountId, agentId, instanceId } from "../kernel/ids.ts";
import { type Instant, plus } from "../kernel/time.ts";

/** The roster of an account's instances: what an audit of the account walks. */
export const instanceEnrolled = eventType("InstanceEnrolled", z.object({ account_id: accountId, instance_id: instanceId, agent_id: agentId }));

/** Everything that can happen to a ledger. */
export type LedgerEvent = EventOf<typeof instanceEnrolled>;

/** Instances of an account in the order of their enrolment. */
export interface LedgerState {
  readonly instances: Set<string>;
  /** Those of the last minutes, with their time. */
  readonly recent: Map<string, Instant>;
}

/** How long an enrolment may be followed by its instance: what was enrolled before and is not there will not come. */
const beginsWithinMs = 600_000;

/** What was enrolled so lately that its instance may still be on its way. */
export function begunAfter({ recent }: LedgerState, now: Instant): string[] {
  const since = plus(now, -beginsWithinMs);
  return [...recent].flatMap(([id, at]) => (at > since ? [id] : []));
}

/** Folds an account's ledger. */
export const ledger: Aggregate<LedgerState, LedgerEvent> = {
  name: "ledger",
  initial: () => ({ instances: new Set(), recent: new Map() }),
  events: [instanceEnrolled],
  evolve(state, event) {
    const { data: { instance_id }, metadata: { recorded_at } } = event;
    const since = plus(recorded_at, -beginsWithinMs);
    for (const [id, at] of state.recent) {
      if (at > since) break;
      state.recent.delete(id);
    }
    state.instances.add(instance_id);
    state.recent.set(instance_id, recorded_at);
    return state;
  },
};
