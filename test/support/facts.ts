import { instanceRequested, type InstanceRequest } from "#domain/instance/events.ts";
import { type Price, priceInput } from "#domain/billing/price.ts";

/** Ids that tests share. */
export const ids = {
  account: "account-00000000-0000-7000-8000-000000000001",
  publisher: "account-00000000-0000-7000-8000-000000000002",
  agent: "agent-00000000-0000-5000-8000-000000000003",
  instance: "instance-00000000-0000-7000-8000-000000000004",
  task: "task-20261101-00000000-0000-7000-8000-000000000005",
} as const;

/** A price plan as a publisher would write it. */
export const plan = (input: Record<string, unknown>): Price => priceInput.parse(input);

/** One version of a Docker agent. */
const release: InstanceRequest["release"] = {
  version: "1.0.0", type: "docker", protocol: "http", endpoints: [], health_path: "/health", max_instances: 2,
  docker: { image: "echo:1", image_digest: "sha256:0", port: 8000, env_names: [], configurable_env: [], pull: "missing", stop_grace: 10 },
  resources: { memory_bytes: 512 * 2 ** 20, cpu: "0.5" }, content_hash: "hash",
};

/** An instance that was asked for. */
export const requested = (changes: Partial<InstanceRequest> = {}) => instanceRequested({
  instance_id: ids.instance, agent_id: ids.agent, agent_name: "echo", publisher_id: ids.publisher, customer_id: ids.account,
  release, price: plan({ type: "per_hour", price: "0.10" }), resources: release.resources,
  config: { env_names: [], labels: {} }, engine: "local", ...changes,
});
