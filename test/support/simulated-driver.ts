import type { Clock } from "#commands/ports.ts";
import type { AgentDriver, AgentEvent, AgentRequest, AgentTarget, ProbeResult } from "#reactions/ports.ts";

/** How a simulated agent does a task: the value is its result; throwing makes it fail. */
export type Behaviour = (request: AgentRequest, signal: AbortSignal, target: AgentTarget) => Promise<unknown>;

/** Agents in memory behind the driver's port. */
export class SimulatedDriver implements AgentDriver {
  readonly protocol: "http" | "acp";
  /** Tasks that agents were given, in order. */
  readonly executed: AgentRequest[] = [];
  readonly disconnects: { readonly instance_id: string; readonly reason: string }[] = [];
  /** Instances whose agent gives no good answer to a probe. */
  readonly ill = new Set<string>();
  /** Every agent is ill. */
  allIll = false;
  probes = 0;
  /** Decides what an agent answers; the default echoes its parameters. */
  behave: Behaviour = (request) => Promise.resolve({ echo: request.parameters });
  /** Runs before each connect and probe; throwing makes it fail. */
  hook: (verb: "connect" | "probe", target: AgentTarget) => Promise<void> | void = () => undefined;
  /** Whether the container of an instance can answer; a test connects it to the simulated engine. */
  reachable: (target: AgentTarget) => boolean = () => true;
  readonly #connected = new Set<string>();
  readonly #clock: Clock | undefined;

  constructor(protocol: "http" | "acp" = "http", clock?: Clock) {
    this.protocol = protocol;
    this.#clock = clock;
  }

  async connect(target: AgentTarget): Promise<void> {
    await this.hook("connect", target);
    if (!this.reachable(target)) throw new Error("connection refused");
    this.#connected.add(target.instance_id);
  }

  async probe(target: AgentTarget): Promise<ProbeResult> {
    this.probes += 1;
    await this.hook("probe", target);
    if (!this.reachable(target)) return { healthy: false, response_ms: 1, detail: "connection refused" };
    const healthy = !this.allIll && !this.ill.has(target.instance_id);
    return healthy ? { healthy, response_ms: 2 } : { healthy, response_ms: 2, detail: "the health check answered 503" };
  }

  async *execute(target: AgentTarget, request: AgentRequest, signal: AbortSignal): AsyncIterable<AgentEvent> {
    this.executed.push(request);
    yield { type: "started" };
    yield await this.#answer(target, request, signal);
  }

  async disconnect(target: AgentTarget, reason: string): Promise<void> {
    this.disconnects.push({ instance_id: target.instance_id, reason });
    this.#connected.delete(target.instance_id);
  }

  connected(instanceId: string): boolean {
    return this.#connected.has(instanceId);
  }

  async close(): Promise<void> {
    this.#connected.clear();
  }

  /** An agent that takes so long for a task and listens to its cancellation. */
  taking(ms: number, result: unknown = "done"): Behaviour {
    const clock = this.#clock;
    if (clock === undefined) throw new Error("a driver without clock cannot take time");
    return (_, signal) => new Promise((resolve, reject) => {
      const cancel = clock.after(ms, () => { resolve(result); });
      signal.addEventListener("abort", () => { cancel(); reject(new Error("cancelled")); }, { once: true });
    });
  }

  async #answer(target: AgentTarget, request: AgentRequest, signal: AbortSignal): Promise<AgentEvent> {
    if (!this.reachable(target)) return { type: "failed", code: "agent-unreachable", detail: "connection refused" };
    try {
      const result = await this.behave(request, signal, target);
      return { type: "done", result, bytes: Buffer.byteLength(JSON.stringify(result) ?? "null") };
    } catch (error) {
      const { message, cause } = error as Error; // what the agent said, if it said anything
      return { type: "failed", code: "agent-failed", detail: message, upstream_status: 500, upstream_body: cause };
    }
  }
}
