import { z } from "zod";
import { capacity, capacityClosed, slotReleased, slotReserved } from "#domain/capacity/capacity.ts";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { agentId, capacityStream, instanceId } from "#domain/kernel/ids.ts";

const slot = z.object({ agent_id: agentId, instance_id: instanceId });

/** Holds a slot of an agent for an instance. */
export const reserveSlot = defineCommand({
  name: "ReserveSlot",
  input: slot.extend({ max_instances: z.number().int() }),
  aggregate: capacity,
  stream: ({ agent_id }) => capacityStream(agent_id),
  decide({ agent_id, instance_id, max_instances }, state) {
    if (state.held.has(instance_id)) return [];
    if (state.closed) throw new Refusal("agent-deregistered", "The agent is being deregistered and takes no new instances.");
    if (state.held.size >= max_instances)
      throw new Refusal("capacity-exhausted", `All ${max_instances} instances of this agent are taken; try again when one has ended.`, { max_instances });
    return [slotReserved({ agent_id, instance_id })];
  },
});

/** Gives an instance's slot back. */
export const releaseSlot = defineCommand({
  name: "ReleaseSlot",
  input: slot,
  aggregate: capacity,
  stream: ({ agent_id }) => capacityStream(agent_id),
  decide: (data, state) => (state.held.has(data.instance_id) ? [slotReleased(data)] : []),
});

/** Gives no more slots; refused while one is held. */
export const closeCapacity = defineCommand({
  name: "CloseCapacity",
  input: z.object({ agent_id: agentId }),
  aggregate: capacity,
  stream: ({ agent_id }) => capacityStream(agent_id),
  decide(data, state) {
    if (state.held.size > 0)
      throw new Refusal("agent-has-active-instances", `${state.held.size === 1 ? "One instance of this agent is live; it" : `${state.held.size} instances of this agent are live; they`} must end before it can be deregistered.`, { active_instances: state.held.size });
    return state.closed ? [] : [capacityClosed(data)];
  },
});
