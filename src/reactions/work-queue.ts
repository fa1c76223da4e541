import type { Clock } from "#commands/ports.ts";

/** What a work queue needs. */
export interface WorkQueueParts {
  readonly clock: Clock;
  /** Does the work of a key; a number asks to look again after so many milliseconds. */
  readonly run: (key: string) => Promise<number | undefined>;
  readonly onError: (key: string, error: unknown) => void;
  readonly limit?: number;
}

const firstRetryMs = 500;
const longestRetryMs = 60_000;

/** Work by key: never two at once on one, parallel across keys, again with growing pauses when it throws. */
export class WorkQueue {
  readonly #parts: WorkQueueParts;
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, { again: boolean }>();
  readonly #timers = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  #idle: (() => void)[] = [];
  #stopped = false;

  constructor(parts: WorkQueueParts) {
    this.#parts = parts;
  }

  /** Asks that the key be looked at now; while it is being looked at, once more afterwards. */
  add(key: string): void {
    if (this.#stopped) return;
    this.#cancelTimer(key);
    const running = this.#running.get(key);
    if (running !== undefined) running.again = true;
    else this.#ready.add(key);
    this.#fill();
  }

  /** Asks for a look after `ms`; the earliest of several stands. */
  addAfter(key: string, ms: number): void {
    const at = this.#parts.clock.now() + ms;
    const present = this.#timers.get(key);
    if (this.#stopped || (present !== undefined && present.at <= at)) return;
    this.#cancelTimer(key);
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { at, cancel });
  }

  /** Whether nothing runs or is ready to; delayed looks do not count. */
  get idle(): boolean {
    return this.#running.size === 0 && this.#ready.size === 0;
  }

  /** Takes nothing more in and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready.clear();
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => { this.#idle.push(resolve); });
  }

  #cancelTimer(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }

  #fill(): void {
    for (const key of this.#ready) {
      if (this.#running.size >= (this.#parts.limit ?? 16)) return;
      this.#ready.delete(key);
      this.#running.set(key, { again: false });
      void this.#work(key);
    }
  }

  async #work(key: string): Promise<void> {
    try {
      const ms = await this.#parts.run(key);
      this.#failures.delete(key);
      if (ms !== undefined) this.addAfter(key, ms);
    } catch (error) {
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.#parts.onError(key, error);
      this.addAfter(key, Math.min(longestRetryMs, firstRetryMs * 2 ** failures));
    }
    const again = this.#running.get(key)?.again === true;
    this.#running.delete(key);
    if (again) this.add(key);
    this.#fill();
    if (this.#running.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
