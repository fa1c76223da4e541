import type { Clock } from "#commands/ports.ts";
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
}

/** What maintenance has done since the process began. */
export interface MaintenanceCounters {
  runs: number;
  failures: number;
  instances_examined: number;
  orphans_removed: number;
  deregistrations_finished: number;
  entries_purged: number;
  last_run_at: number | null;
  last_duration_ms: number | null;
}

const samplesKeptMs = 7 * 24 * 3_600_000;

/** Every interval: a full reconciliation pass, and the removal of what has expired. */
export class Maintenance {
  readonly counters: MaintenanceCounters = {
    runs: 0, failures: 0, instances_examined: 0, orphans_removed: 0, deregistrations_finished: 0, entries_purged: 0, last_run_at: null, last_duration_ms: null,
  };
  readonly #parts: MaintenanceParts;
  #cancel = (): void => undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  /** Runs at once, then every interval. */
  start(): void {
    this.#running = this.#cycle();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  /** One round; what fails is logged and left to the next. */
  async run(): Promise<void> {
    const { clock, system, metrics, reconciler } = this.#parts;
    const { counters } = this;
    const start = clock.now();
    const pass = await this.#attempt("the full pass", () => reconciler.fullPass());
    const purged = await this.#attempt("the removal of expired entries", () => system.purge(clock.now())) ?? 0;
    await this.#attempt("the removal of old samples", () => metrics.purge(clock.now() - samplesKeptMs));
    counters.runs += 1;
    counters.instances_examined += pass?.instances ?? 0;
    counters.orphans_removed += pass?.orphans ?? 0;
    counters.deregistrations_finished += pass?.deregistered ?? 0;
    counters.failures += pass?.failed ?? 0;
    counters.entries_purged += purged;
    counters.last_run_at = start;
    counters.last_duration_ms = clock.now() - start;
    this.#tell(pass, purged);
  }

  #tell(pass: PassReport | undefined, purged: number): void {
    if (pass === undefined || (pass.orphans === 0 && pass.deregistered === 0 && purged === 0)) return;
    this.#parts.log.info("maintenance cleaned up", { orphans: pass.orphans, deregistered: pass.deregistered, purged });
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
      this.#parts.log.warn(`${name} failed; the next round does it`, { error: (error as Error).message });
      return undefined;
    }
  }
}
