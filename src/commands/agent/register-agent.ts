import { z } from "zod";
import { agent, agentProfile, agentRegistered, agentVersion, agentVersionPublished, type AgentState } from "#domain/agent/agent.ts";
import { price } from "#domain/billing/price.ts";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { accountId, agentId } from "#domain/kernel/ids.ts";

const input = z.object({
  agent_id: agentId, publisher_id: accountId, name: z.string(), profile: agentProfile, release: agentVersion, price,
});

/** Whether this very version with this very content is there already; another content of the version is refused. */
function isPublished(state: AgentState, version: string, hash: string): boolean {
  if (state.status === "deregistered")
    throw new Refusal("agent-deregistered", "This agent was deregistered and its name stays taken; register under another name.");
  const known = state.versions[version];
  if (known !== undefined && known !== hash)
    throw new Refusal("agent-already-registered", `Version ${version} is registered with other content; publish the change under a new version.`, { version });
  return known !== undefined;
}

/** Registers an agent under its name; the stream is the reservation of the name. The same content again changes nothing, a new version is published. */
export const registerAgent = defineCommand({
  name: "RegisterAgent",
  input,
  aggregate: agent,
  stream: ({ agent_id }) => agent_id,
  decide(data, state) {
    if (state.status === "none") return [agentRegistered(data)];
    return isPublished(state, data.release.version, data.release.content_hash) ? [] : [agentVersionPublished(data)];
  },
});

/** Publishes a new version of an agent; instances that run keep theirs. */
export const publishVersion = defineCommand({
  name: "PublishVersion",
  input,
  aggregate: agent,
  stream: ({ agent_id }) => agent_id,
  decide(data, state) {
    if (state.status === "none") throw new Refusal("agent-not-found", "There is no such agent.");
    return isPublished(state, data.release.version, data.release.content_hash) ? [] : [agentVersionPublished(data)];
  },
});
