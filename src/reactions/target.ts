import type { InstanceRequest } from "#domain/instance/events.ts";
import type { CommandRequest } from "#commands/execute.ts";
import type { Ids } from "#commands/ports.ts";
import type { AgentDriver, AgentTarget } from "./ports.ts";

/** The driver of each protocol. */
export type Drivers = Readonly<Record<"http" | "acp", AgentDriver>>;

/** Whom the driver talks to for an instance whose agent answers at the address. */
export function targetOf(request: InstanceRequest, address: string): AgentTarget {
  return {
    instance_id: request.instance_id, agent_id: request.agent_id, address, health_path: request.release.health_path,
    kind: request.release.type === "docker" ? "container" : "remote",
  };
}

/** What the process itself writes about an instance. */
export function systemRequest(request: InstanceRequest, ids: Ids): CommandRequest {
  return { account: request.customer_id, actor: "system", command_id: ids.random(), agent: request.agent_id, instance: request.instance_id };
}
