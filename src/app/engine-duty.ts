import { agents as agentModel } from "#projections/agents.ts";
import { instances as instanceModel } from "#projections/instances.ts";
import type { AlertingParts } from "#reactions/alerting.ts";
import type { BillingCheckParts } from "#reactions/billing-check.ts";
import type { Standing } from "#reactions/conditions.ts";
import { Maintenance, newCounters } from "#reactions/maintenance.ts";
import { Monitor } from "#reactions/monitor.ts";
import type { MetricSample, PullProgress } from "#reactions/ports.ts";
import { RecentFailures } from "#reactions/recent-failures.ts";
import { Reconciler, type ReconcilerParts } from "#reactions/reconciler.ts";
import { SecretSweep } from "#reactions/secret-sweep.ts";
import type { Reader } from "#projections/reader.ts";
import { alertingOf } from "./alerting.ts";
import type { Duty } from "./lease-keeper.ts";
import { logPort } from "./log.ts";
import type { World } from "./world.ts";

/** What running the instances needs beyond the world. */
export type EngineDutyParts = Pick<ReconcilerParts, "executor" | "tail" | "vault" | "proofs" | "executors" | "finishDeregistration"> & {
  readonly reader: Reader;
  /** Waits until the read models hold everything up to a position; false when that takes longer. */
  readonly readable: (position: string, ms: number) => Promise<boolean>;
  /** Where the read models stand. */
  readonly standings: () => Promise<readonly Standing[]>;
  readonly audit: BillingCheckParts["audit"];
  /** Removes collections of read models that were given up; answers their names. */
  readonly removeLeftovers: () => Promise<readonly string[]>;
};

const patienceMs = 10_000;

interface Running {
  readonly reconciler: Reconciler;
  readonly monitor: Monitor;
  readonly maintenance: Maintenance;
}

async function* idsOf(documents: AsyncIterable<{ readonly _id: string }>): AsyncGenerator<string> {
  for await (const { _id } of documents) yield _id;
}

/** Reconciling, monitoring and maintaining, as a duty of one process at a time. */
export class EngineDuty {
  readonly #world: World;
  readonly #parts: EngineDutyParts;
  readonly #listeners = new Set<(sample: MetricSample) => void>();
  #running: Running | undefined;
  /** What maintenance has done in this process. */
  readonly counters = newCounters();

  constructor(world: World, parts: EngineDutyParts) {
    this.#world = world;
    this.#parts = parts;
  }

  get duty(): Duty {
    return { name: "engine:docker", begin: () => Promise.resolve(this.#begin()) };
  }

  /** Tells samples that this process takes; the answer ends it. */
  readonly onSample = (listener: (sample: MetricSample) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly pullProgress = (instanceId: string): PullProgress | null => this.#running?.reconciler.pullProgress(instanceId) ?? null;

  /** What runs now, for tests and the metrics. */
  get running(): Running | undefined {
    return this.#running;
  }

  /** Failures are followed from here on; those of the last hour are in the log's window. */
  #alerting(): { alerting: AlertingParts; stop: () => void } {
    const { tail, reader, standings, audit } = this.#parts;
    const recentFailures = new RecentFailures();
    for (const event of tail.window) recentFailures.observe(event);
    return { alerting: alertingOf(this.#world, { tail, reader, standings, audit, recentFailures }), stop: tail.on(recentFailures.observe) };
  }

  #begin(): () => Promise<void> {
    const { clock, ids, stores, engines, drivers, config, random } = this.#world;
    const { executor, proofs, reader, readable, tail } = this.#parts;
    const log = logPort(this.#world.log);
    const ending = Promise.withResolvers<void>();
    // What was asked for while nobody had the duty is found by a pass alone, and a pass reads the read models.
    const afterwards = async function* (ids: () => AsyncIterable<string>): AsyncGenerator<string> {
      await Promise.race([readable(tail.head, patienceMs), ending.promise]);
      yield* ids();
    };
    const monitor = new Monitor({
      executor, engines, drivers, metrics: stores.metrics, proofs, clock, ids, log, intervalMs: config.AGENTHUB_MONITOR_INTERVAL, random,
      onBad: (id) => reconciler.enqueue(id),
    });
    const reconciler = new Reconciler({
      ...this.#parts, engines, drivers, clock, ids, log, startMs: config.AGENTHUB_START_TIMEOUT, onLooked: (id, state) => monitor.follow(id, state),
      sources: {
        instances: () => afterwards(() => idsOf(reader.all(instanceModel, { index: "live", equals: { live: true } }))),
        agents: () => afterwards(() => idsOf(reader.all(agentModel, { index: "all", equals: {} }))),
      },
    });
    const { alerting, stop } = this.#alerting();
    const sweep = new SecretSweep({ executor, system: stores.system, clock });
    const maintenance = new Maintenance({
      reconciler, system: stores.system, metrics: stores.metrics, clock, log, intervalMs: config.AGENTHUB_MAINTENANCE_INTERVAL, sweep: () => sweep.round(), tidy: this.#parts.removeLeftovers, alerting, counters: this.counters,
    });
    monitor.onSample((sample) => { for (const listener of this.#listeners) listener(sample); });
    reconciler.start();
    maintenance.start();
    const running = { reconciler, monitor, maintenance };
    this.#running = running;
    return async () => {
      ending.resolve();
      stop();
      await Promise.all([maintenance.stop(), reconciler.stop(), monitor.stop()]);
      if (this.#running === running) this.#running = undefined;
    };
  }
}
