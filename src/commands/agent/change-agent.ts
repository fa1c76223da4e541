import { z } from "zod";
import { agent, agentDeregistered, agentPriceChanged, agentProfile, type AgentState, agentUpdated, agentVersion } from "#domain/agent/agent.ts";
import { price } from "#domain/billing/price.ts";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { agentId } from "#domain/kernel/ids.ts";

function assertRegistered(state: AgentState): void {
  if (state.status === "none") throw new Refusal("agent-not-found", "There is no such agent.");
  if (state.status === "deregistered") throw new Refusal("agent-deregistered", "This agent was deregistered; its history stays readable but nothing about it changes.");
}

/** Changes what describes an agent. */
export const updateAgent = defineCommand({
  name: "UpdateAgent",
  input: z.object({ agent_id: agentId, profile: agentProfile.partial(), endpoints: agentVersion.shape.endpoints.optional() }),
  aggregate: agent,
  stream: ({ agent_id }) => agent_id,
  decide({ agent_id, profile, endpoints }, state) {
    assertRegistered(state);
    const given = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined));
    const next = agentUpdated({ agent_id, profile: { ...state.profile, ...given }, endpoints: endpoints ?? state.release?.endpoints ?? [] });
    const same = JSON.stringify([state.profile, state.release?.endpoints ?? []].map(sorted)) === JSON.stringify([next.data.profile, next.data.endpoints].map(sorted));
    return same ? [] : [next];
  },
});

const sorted = (value: unknown): unknown => Object.entries(value as object).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Changes the price for new instances; those that run keep the price they were created with. */
export const changePrice = defineCommand({
  name: "ChangePrice",
  input: z.object({ agent_id: agentId, price }),
  aggregate: agent,
  stream: ({ agent_id }) => agent_id,
  decide({ agent_id, price: plan }, state) {
    assertRegistered(state);
    return JSON.stringify(sorted(state.price ?? {})) === JSON.stringify(sorted(plan)) ? [] : [agentPriceChanged({ agent_id, price: plan })];
  },
});

/** Takes an agent out of the marketplace for ever. Its capacity must have been closed first. */
export const deregisterAgent = defineCommand({
  name: "DeregisterAgent",
  input: z.object({ agent_id: agentId, reason: z.string().optional() }),
  aggregate: agent,
  stream: ({ agent_id }) => agent_id,
  decide(data, state) {
    if (state.status === "none") throw new Refusal("agent-not-found", "There is no such agent.");
    return state.status === "deregistered" ? [] : [agentDeregistered(data)];
  },
});
