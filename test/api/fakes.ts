import type { AgentDriver, ContainerRuntime } from "#reactions/ports.ts";

/** A driver whose agents answer what they were given; `/slow` never answers, `/fail` fails. */
export const driver: AgentDriver = {
  protocol: "http",
  connect: async () => undefined,
  probe: async () => ({ healthy: true, response_ms: 1 }),
  async *execute(_target, request, signal) {
    yield { type: "started" };
    if (request.endpoint === "/slow") {
      await new Promise<void>((resolve) => { signal.addEventListener("abort", () => resolve(), { once: true }); });
      yield { type: "failed", code: "agent-timeout", detail: "stopped" };
    } else if (request.endpoint === "/fail") yield { type: "failed", code: "agent-failed", detail: "The agent answered 500.", upstream_status: 500, upstream_body: { error: "out of luck" } };
    else yield { type: "done", result: { echo: request.parameters }, bytes: 20 };
  },
  disconnect: async () => undefined,
  connected: () => true,
  close: async () => undefined,
};

const digest = `sha256:${"a".repeat(64)}`;
/** An engine that has every image, and whose containers run. */
export const runtime = {
  name: "docker",
  health: async () => ({ ok: true, version: "29" }),
  pull: async (image: string) => `${image.split(/[:@]/)[0] ?? ""}@${digest}`,
  removeImage: async () => undefined,
  inspect: async (instanceId: string) => ({
    container_id: "c1", instance_id: instanceId, attempt: 1, state: "running", created_at: "", started_at: null, finished_at: null,
    exit_code: null, out_of_memory: false, address: "http://127.0.0.1:9",
  }),
  async *logs() {
    yield { at: "2026-11-01T00:00:00.000Z", stream: "stdout", text: "hello" };
  },
} as unknown as ContainerRuntime;
