import type { Clock } from "#commands/ports.ts";
import { type AlertingParts, lookAround } from "./alerting.ts";
import type { Log } from "./log.ts";
import type { Metrics, SystemStore } from "./ports.ts";
import type { PassReport, Reconciler } from "./reconciler.ts";

/** What maintenance needs. */
export interface MaintenanceParts {
  readonly reconciler: Pick<Reconciler, "fullPass">;
  readonly system: SystemStore;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly intervalMs: number;
  /** Removes secrets that nothing refers to; answers how many. */
  readonly sweep: () => Promise<number>;
  /** Removes collections of read models that were given up; answers their names. Left out where there can be none. */
  readonly tidy?: (() => Promise<readonly string[]>) | undefined;
  /** Looks whether all is well, after the rest is done; left out where nobody is to be told. */
  readonly alerting?: AlertingParts | undefined;
  /** Counts on from an earlier one of this process. */
  readonly counters?: MaintenanceCounters | undefined;
}

/** What maintenance has done since the process began. */
export interface MaintenanceCounters {
  runs: number;
  failures: number;
  instances_examined: number;
  orphans_removed: number;
  deregistrations_finished: number;
  entries_purged: number;
  bills_checked: number;
  bills_differing: number;
  last_run_at: number | null;
  last_duration_ms: number | null;
}

/** Counters of a process in which nothing was done yet. */
export const newCounters = (): MaintenanceCounters => ({
  runs: 0, failures: 0, instances_examined: 0, orphans_removed: 0, deregistrations_finished: 0, entries_purged: 0, bills_checked: 0, bills_differing: 0,
  last_run_at: null, last_duration_ms: null,
});

const samplesKeptMs = 7 * 24 * 3_600_000;

/** Every interval: a full reconciliation pass, the removal of what has expired, and a look whether all is well. */
export class Maintenance {
  readonly counters: MaintenanceCounters;
  readonly #parts: MaintenanceParts;
  #cancel = (): void => undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  /** What failed in this round, with the reasons. */
  readonly #failed = new Map<string, string>();

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
    this.counters = parts.counters ?? newCounters();
  }

  /** Runs at once, then every interval. */
  start(): void {
    this.#running = this.#cycle();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    this.#parts.alerting?.bills.stop();
    await this.#running;
  }

  /** One round; what fails is logged and left to the next. */
  async run(): Promise<void> {
    const { clock, system, metrics, reconciler, sweep, tidy = async () => [] } = this.#parts;
    const start = clock.now();
    this.#failed.clear();
    const pass = await this.#attempt("the full pass", () => reconciler.fullPass());
    const purged = await this.#attempt("the removal of expired entries", () => system.purge(clock.now())) ?? 0;
    const swept = await this.#attempt("the removal of secrets that nothing refers to", sweep) ?? 0;
    await this.#attempt("the removal of old samples", () => metrics.purge(clock.now() - samplesKeptMs));
    const collections = await this.#attempt("the removal of read models that were given up", tidy) ?? [];
    if (collections.length > 0) this.#parts.log.info("removed collections of read models that were given up while they were filled", { collections });
    if (pass !== undefined) this.#passed(pass);
    await this.#lookAround();
    const { counters } = this;
    counters.runs += 1;
    counters.entries_purged += purged + swept;
    counters.last_run_at = start;
    counters.last_duration_ms = clock.now() - start;
    this.#tell(pass, purged, swept);
  }

  #passed({ instances, orphans, deregistered, failures }: PassReport): void {
    const { counters } = this;
    counters.instances_examined += instances;
    counters.orphans_removed += orphans;
    counters.deregistrations_finished += deregistered;
    counters.failures += failures.length;
    for (const { part, reason } of failures) this.#failed.set(part, reason);
  }

  async #lookAround(): Promise<void> {
    const { alerting } = this.#parts;
    if (alerting === undefined) return;
    const { bills, differing } = await lookAround(alerting, (name, work) => this.#attempt(name, work), this.#failed);
    this.counters.bills_checked += bills;
    this.counters.bills_differing += differing;
  }

  #tell(pass: PassReport | undefined, purged: number, secrets: number): void {
    if (pass === undefined || (pass.orphans === 0 && pass.deregistered === 0 && purged + secrets === 0)) return;
    this.#parts.log.info("maintenance cleaned up", { orphans: pass.orphans, deregistered: pass.deregistered, purged, secrets });
  }

  async #cycle(): Promise<void> {
    await this.run();
    if (this.#stopped) return;
    this.#cancel = this.#parts.clock.after(this.#parts.intervalMs, () => { this.#running = this.#cycle(); });
  }

  async #attempt<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.counters.failures += 1;
      this.#failed.set(name, (error as Error).message);
      this.#parts.log.warn(`${name} failed; the next round does it`, { error: (error as Error).message });
      return undefined;
    }
  }
}
