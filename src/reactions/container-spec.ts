import type { Executor } from "#commands/execute.ts";
import { agent, type AgentProfile } from "#domain/agent/agent.ts";
import type { InstanceRequest } from "#domain/instance/events.ts";
import type { ContainerSpec, RegistryCredentials, Vault } from "./ports.ts";

/** What the vault keeps of an agent's version. */
export interface AgentSecrets {
  readonly env: Readonly<Record<string, string>>;
  readonly credentials: RegistryCredentials | null;
}

/** The secrets of a version; empty when there are none. */
export async function agentSecrets(vault: Vault, ref: string | undefined): Promise<AgentSecrets> {
  const kept = ref === undefined ? null : await vault.get(ref) as AgentSecrets | null;
  return kept ?? { env: {}, credentials: null };
}

function ownVariables(request: InstanceRequest, port: number, profile: AgentProfile): Record<string, string> {
  const { release, price } = request;
  const { image, configurable_env } = release.docker ?? {};
  const metadata = {
    name: request.agent_name, version: release.version, ...profile, protocol: release.protocol, endpoints: release.endpoints,
    health: { path: release.health_path }, pricing: price, limits: { max_instances: release.max_instances }, resources: release.resources,
    docker: { image, port, configurable_env },
  };
  return {
    AGENTHUB_AGENT_ID: request.agent_id, AGENTHUB_INSTANCE_ID: request.instance_id, AGENTHUB_AGENT_PORT: String(port),
    AGENTHUB_PROTOCOL: release.protocol, AGENTHUB_AGENT_METADATA: JSON.stringify(metadata),
  };
}

/** What the attempt's container is created from; null for an agent that needs none. The container is told its manifest, secrets aside. */
export async function containerSpec(request: InstanceRequest, attempt: number, { vault, executor }: { readonly vault: Vault; readonly executor: Executor }): Promise<ContainerSpec | null> {
  const { docker, secret_ref } = request.release;
  if (docker === undefined) return null;
  const { env } = await agentSecrets(vault, secret_ref);
  const { state: { profile } } = await executor.state(agent, request.agent_id);
  const configured = request.secret_ref === undefined ? {} : (await vault.get(request.secret_ref) as Record<string, string> | null) ?? {};
  return {
    instance_id: request.instance_id, attempt, account_id: request.customer_id, image: docker.image_digest, port: docker.port,
    env: { ...env, ...configured, ...ownVariables(request, docker.port, profile) }, resources: request.resources, stop_grace: docker.stop_grace,
  };
}
