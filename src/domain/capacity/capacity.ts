import { z } from "zod";
import type { Aggregate } from "../kernel/aggregate.ts";
import { type EventOf, eventType } from "../kernel/event.ts";
import { agentId, instanceId } from "../kernel/ids.ts";

export const slotReserved = eventType("SlotReserved", z.object({ agent_id: agentId, instance_id: instanceId }));
export const slotReleased = eventType("SlotReleased", z.object({ agent_id: agentId, instance_id: instanceId }));
/** From here on no slot is given; the agent is about to be deregistered. */
export const capacityClosed = eventType("CapacityClosed", z.object({ agent_id: agentId }));

/** Everything that can happen to an agent's capacity. */
export type CapacityEvent = EventOf<typeof slotReserved> | EventOf<typeof slotReleased> | EventOf<typeof capacityClosed>;

/** The slots of one agent. A slot is named by its instance, so asking twice yields nothing. */
export interface CapacityState {
  readonly held: Set<string>;
  readonly closed: boolean;
}

/** Folds an agent's capacity stream. */
export const capacity: Aggregate<CapacityState, CapacityEvent> = {
  name: "capacity",
  initial: () => ({ held: new Set(), closed: false }),
  events: [slotReserved, slotReleased, capacityClosed],
  evolve(state, event) {
    if (event.type === "CapacityClosed") return { ...state, closed: true };
    if (event.type === "SlotReserved") state.held.add(event.data.instance_id);
    else state.held.delete(event.data.instance_id);
    return state;
  },
};
