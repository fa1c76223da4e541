import type { AgentState, AgentVersion } from "#domain/agent/agent.ts";
import { cpu, formatMemory, parseMemory, type Resources } from "#domain/agent/resources.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { compare, parseDecimal } from "#domain/kernel/fraction.ts";
import type { InstanceWish } from "./services.ts";

type Config = InstanceWish["instance_config"];

/** The limits that an instance gets: the manifest's, or less where the customer asks for less; an operator may raise them. */
export function resourcesOf(release: AgentVersion, config: Config, mayRaise = false): Resources {
  const { memory_bytes, cpu: cores } = release.resources;
  const memory = config.memory_limit === undefined ? memory_bytes : parseMemory(config.memory_limit);
  if (memory === undefined)
    throw new Refusal("invalid-resources", "memory_limit must be a size with a unit between 6M and 1024G, such as \"512M\" (MiB).", { field: "memory_limit" });
  if (memory > memory_bytes && !mayRaise)
    throw new Refusal("invalid-resources", `memory_limit is above the ${formatMemory(memory_bytes)} that the agent's manifest allows.`, { field: "memory_limit", max_bytes: memory_bytes });
  const asked = config.cpu_limit === undefined ? cores : cpu.safeParse(config.cpu_limit).data;
  if (asked === undefined)
    throw new Refusal("invalid-resources", "cpu_limit must be a number of cores between 0.01 and 64, such as \"0.5\".", { field: "cpu_limit" });
  if (compare(parseDecimal(asked), parseDecimal(cores)) > 0 && !mayRaise)
    throw new Refusal("invalid-resources", `cpu_limit is above the ${cores} cores that the agent's manifest allows.`, { field: "cpu_limit", max: cores });
  return { memory_bytes: memory, cpu: asked };
}

/** The environment that the customer sets; refuses what the manifest does not let them set. */
export function environmentOf(release: AgentVersion, config: Config): Readonly<Record<string, string>> {
  const asked = config.environment ?? {};
  const allowed = new Set(release.docker?.configurable_env ?? []);
  const strange = Object.keys(asked).filter((name) => !allowed.has(name));
  if (strange.length === 0) return asked;
  throw new Refusal("not-configurable", `The agent's manifest does not let customers set ${strange.join(", ")}.`, { names: strange, configurable: [...allowed] });
}

/** The version that a new instance runs. Refuses an agent that takes none, or takes another currency. */
export function offerOf(agent: AgentState, currency: string): { release: AgentVersion; price: NonNullable<AgentState["price"]> } {
  if (agent.status === "none" || agent.release === null || agent.price === null) throw new Refusal("agent-not-found", "There is no such agent.");
  if (agent.status === "deregistered") throw new Refusal("agent-deregistered", "This agent was deregistered and takes no new instances.");
  if (agent.price.currency !== currency)
    throw new Refusal("currency-mismatch", `The agent is priced in ${agent.price.currency}, your account is billed in ${currency}.`,
      { agent_currency: agent.price.currency, account_currency: currency });
  return { release: agent.release, price: agent.price };
}
