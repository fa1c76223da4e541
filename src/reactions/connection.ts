import type { Clock } from "#commands/ports.ts";
import type { InstanceEvent, InstanceRequest } from "#domain/instance/events.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { later, toMillis } from "#domain/kernel/time.ts";
import { withDeadline } from "./deadline.ts";
import { limits } from "./limits.ts";
import type { ObservedContainer } from "./ports.ts";
import type { Proofs } from "./proofs.ts";
import { type Drivers, targetOf } from "./target.ts";

/** An instance and its container as one look finds them. */
export interface Situation {
  readonly state: InstanceState;
  readonly request: InstanceRequest;
  readonly container: ObservedContainer | null;
}

interface ConnectionParts {
  readonly clock: Clock;
  readonly drivers: Drivers;
  readonly proofs: Proofs;
}

const quickPolls = { forMs: 10_000, everyMs: 250, thenMs: 1_000 } as const;
const reconnectMs = 5_000;
const partingMs = 2_000;

/** The steps of an instance's life that talk to its agent. */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #record: (request: InstanceRequest, fact: InstanceEvent) => Promise<undefined>;
  readonly #stopping = new AbortController();
  /** What is wrong with agents that have not proved themselves yet. */
  readonly #bad = new Map<string, string>();

  constructor(parts: ConnectionParts, record: (request: InstanceRequest, fact: InstanceEvent) => Promise<undefined>) {
    this.#parts = parts;
    this.#record = record;
  }

  /** Ends what waits for an agent, so that a process need not wait for it either. */
  stop(): void {
    this.#stopping.abort();
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** What the last look of `prove` found wrong. */
  lastBad(instanceId: string): string | null {
    return this.#bad.get(instanceId) ?? null;
  }

  /** Connects and probes; a good probe records the fact, else a number says when to try again. */
  async prove(situation: Situation, then: "InstanceStarted" | "InstanceRestarted" | "InstanceResumed", attempt: number): Promise<number | undefined> {
    const { state, request, container } = situation;
    const { clock, proofs } = this.#parts;
    const { instance_id, release } = request;
    const address = release.type === "standard" ? release.endpoint ?? null : container?.address ?? null;
    if (address === null || !await this.#answers(state, request, address)) return this.#pollMs(state, container);
    const place = { instance_id, attempt, address, ...(container === null ? {} : { container_id: container.container_id }) };
    await proofs.put(instance_id, { seen_at: clock.now(), good_at: clock.now(), container_started_at: container?.started_at ?? null });
    return this.#record(request, then === "InstanceResumed" ? { type: then, data: { instance_id, address } } : { type: then, data: place });
  }

  /** Opens a connection that was lost, or that another process had; health is the monitor's to tell. */
  async reconnect({ state, request, container }: Situation): Promise<number | undefined> {
    const address = container?.address ?? state.address;
    if (address === null) return reconnectMs;
    const driver = this.#parts.drivers[request.release.protocol];
    const connect = (signal: AbortSignal) => driver.connect(targetOf(request, address), signal);
    await withDeadline(this.#parts.clock, limits.probeMs, connect, this.#stopping.signal).catch(() => undefined);
    return driver.connected(request.instance_id) ? undefined : reconnectMs;
  }

  /** A courtesy: an agent that cannot be told is left all the same. */
  async disconnect({ state, request }: Situation): Promise<void> {
    const driver = this.#parts.drivers[request.release.protocol];
    this.#bad.delete(request.instance_id);
    await withDeadline(this.#parts.clock, partingMs, () => driver.disconnect(targetOf(request, state.address ?? ""), state.status)).catch(() => undefined);
  }

  #answers(state: InstanceState, request: InstanceRequest, address: string): Promise<boolean> {
    const { instance_id } = request;
    const driver = this.#parts.drivers[request.release.protocol];
    const target = targetOf(request, address);
    return withDeadline(this.#parts.clock, limits.probeMs, async (signal) => {
      if (state.address !== null && state.address !== address) await driver.disconnect(target, "the agent moved");
      await driver.connect(target, signal);
      const { healthy, detail } = await driver.probe(target, signal);
      if (!healthy) throw new Error(detail ?? "it got no good answer");
      this.#bad.delete(instance_id);
      return true;
    }, this.#stopping.signal).catch((error: unknown) => {
      this.#bad.set(instance_id, (error as Error).message);
      return false;
    });
  }

  /** Often at first, since most agents are up at once. */
  #pollMs(state: InstanceState, container: ObservedContainer | null): number {
    const since = later(container?.started_at ?? state.since, state.since);
    return this.#parts.clock.now() - toMillis(since) < quickPolls.forMs ? quickPolls.everyMs : quickPolls.thenMs;
  }
}
