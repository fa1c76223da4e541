import type { Executor } from "#commands/execute.ts";
import { recordFact } from "#commands/instance/record-fact.ts";
import type { Clock, Ids } from "#commands/ports.ts";
import type { InstanceEvent, InstanceRequest } from "#domain/instance/events.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { fromMillis, toMillis } from "#domain/kernel/time.ts";
import { withDeadline } from "./deadline.ts";
import { instanceState } from "./facts.ts";
import { limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Metrics, MetricSample, ProbeResult } from "./ports.ts";
import type { Proof, Proofs } from "./proofs.ts";
import type { Engines } from "./engines.ts";
import { type Drivers, systemRequest, targetOf } from "./target.ts";
import { unprovenTime } from "./unproven.ts";

/** What monitoring needs. */
export interface MonitorParts {
  readonly executor: Executor;
  readonly engines: Engines;
  readonly drivers: Drivers;
  readonly metrics: Metrics;
  readonly proofs: Proofs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly intervalMs: number;
  /** From 0 to 1: spreads the looks, so that a thousand instances are not asked in one instant. */
  readonly random: () => number;
  /** Told when an agent did not answer well: its container may be gone. */
  readonly onBad: (instanceId: string) => void;
}

interface Followed {
  bad: number;
  cancel: () => void;
}

const badProbesToDegrade = 2;
const noFigures = { cpu_percent: null, memory_bytes: null, memory_limit_bytes: null, network_rx_bytes: null, network_tx_bytes: null };

/** Looks at every running instance once an interval: samples for the metrics, events only when its health turns. */
export class Monitor {
  readonly #parts: MonitorParts;
  readonly #followed = new Map<string, Followed>();
  readonly #listeners = new Set<(sample: MetricSample) => void>();
  readonly #looking = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(parts: MonitorParts) {
    this.#parts = parts;
  }

  /** Follows an instance while it runs, and lets go of it otherwise. */
  follow(instanceId: string, state: InstanceState): void {
    const present = this.#followed.get(instanceId);
    if (state.status === "running" && present === undefined) {
      this.#followed.set(instanceId, { bad: 0, cancel: () => undefined });
      this.#schedule(instanceId, this.#parts.random() * Math.min(1_000, this.#parts.intervalMs));
    } else if (state.status !== "running" && present !== undefined) {
      present.cancel();
      this.#followed.delete(instanceId);
    }
  }

  /** Tells every sample; the answer ends it. */
  onSample(listener: (sample: MetricSample) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many instances are followed. */
  get following(): number {
    return this.#followed.size;
  }

  async stop(): Promise<void> {
    for (const { cancel } of this.#followed.values()) cancel();
    this.#followed.clear();
    this.#stopping.abort();
    await Promise.all(this.#looking);
  }

  #schedule(instanceId: string, ms: number): void {
    const followed = this.#followed.get(instanceId);
    if (followed === undefined) return;
    followed.cancel = this.#parts.clock.after(ms, () => {
      const look = this.#look(instanceId, followed)
        .catch((error: unknown) => this.#parts.log.warn("an instance could not be monitored", { instance: instanceId, error: (error as Error).message }))
        .finally(() => {
          this.#looking.delete(look);
          if (this.#followed.get(instanceId) === followed) this.#schedule(instanceId, this.#parts.intervalMs * (0.9 + 0.2 * this.#parts.random()));
        });
      this.#looking.add(look);
    });
  }

  async #look(instanceId: string, followed: Followed): Promise<void> {
    const { clock, executor, metrics, proofs } = this.#parts;
    const state = await instanceState(executor, instanceId);
    const { request, address } = state;
    if (state.status !== "running" || request === null || address === null) return this.follow(instanceId, state);
    const before = await proofs.get(instanceId, clock.now());
    const [probe, figures] = await Promise.all([this.#probe(request, address), this.#figures(state, request)]);
    // A look that was broken off saw nothing.
    if (this.#stopping.signal.aborted) return;
    const now = clock.now();
    const gap = unprovenTime(state, before, now, this.#parts.intervalMs);
    if (gap !== null) await this.#record(request, gap);
    followed.bad = probe.healthy ? 0 : followed.bad + 1;
    const { good_at } = await this.#remember(state, before, probe.healthy, now, instanceId);
    await this.#recordTurn(request, state, probe, followed.bad, good_at);
    if (!probe.healthy) this.#parts.onBad(instanceId);
    const sample: MetricSample = { instance_id: instanceId, at: now, ...noFigures, ...figures, healthy: probe.healthy, response_ms: probe.response_ms };
    await metrics.record([sample]);
    for (const listener of this.#listeners) listener(sample);
  }

  async #remember(state: InstanceState, before: Proof | null, healthy: boolean, now: number, instanceId: string): Promise<Proof> {
    const good_at = healthy ? now : before?.good_at ?? toMillis(state.clock_from ?? fromMillis(now));
    const proof: Proof = { seen_at: now, good_at, container_started_at: before?.container_started_at ?? null };
    await this.#parts.proofs.put(instanceId, proof);
    return proof;
  }

  #probe(request: InstanceRequest, address: string): Promise<ProbeResult> {
    const { clock, drivers } = this.#parts;
    const start = clock.now();
    return withDeadline(clock, limits.probeMs, (signal) => drivers[request.release.protocol].probe(targetOf(request, address), signal), this.#stopping.signal)
      .catch((error: unknown) => ({ healthy: false, response_ms: clock.now() - start, detail: (error as Error).message }));
  }

  async #figures(state: InstanceState, request: InstanceRequest): Promise<Partial<MetricSample>> {
    const engine = this.#parts.engines.get(request.engine);
    if (engine === undefined || state.container_id === null) return {};
    return await engine.stats(state.container_id).catch(() => null) ?? {};
  }

  async #recordTurn(request: InstanceRequest, state: InstanceState, probe: ProbeResult, bad: number, goodAt: number): Promise<void> {
    const { instance_id } = request;
    if (probe.healthy && state.healthy === false) await this.#record(request, { type: "HealthRecovered", data: { instance_id } });
    if (bad < badProbesToDegrade || state.healthy === false) return;
    const detail = (probe.detail ?? "The health check got no good answer.").slice(0, 500);
    await this.#record(request, { type: "HealthDegraded", data: { instance_id, reason: "probe-failed", detail, last_heartbeat: fromMillis(goodAt) } });
  }

  async #record(request: InstanceRequest, fact: InstanceEvent): Promise<void> {
    await this.#parts.executor.execute(recordFact, { fact }, systemRequest(request, this.#parts.ids));
  }
}
