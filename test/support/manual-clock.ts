import type { Clock } from "#commands/ports.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Lets everything that is due without time passing happen: promises and what they lead to. */
export async function flush(rounds = 8): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise<void>((resolve) => { setImmediate(resolve); });
}

/** A clock that stands until it is moved; timers fire in the order of their time. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(start: number | string = "2026-01-15T10:00:00.000Z") {
    this.#now = typeof start === "string" ? Date.parse(start) : start;
  }

  now(): number {
    return this.#now;
  }

  /** The present instant. */
  iso(): string {
    return new Date(this.#now).toISOString();
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order, callback };
    this.#order += 1;
    this.#timers.add(timer);
    return () => { this.#timers.delete(timer); };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; null without one. */
  get nextAt(): number | null {
    return this.#next()?.at ?? null;
  }

  /** Moves on without letting promises run in between; timers that are due fire in order. */
  advance(ms: number): void {
    const target = this.#now + ms;
    for (let timer = this.#next(); timer !== undefined && timer.at <= target; timer = this.#next()) this.#fire(timer);
    this.#now = target;
  }

  /** Moves on and lets what each timer leads to happen before the next one fires. */
  async run(ms: number): Promise<void> {
    const target = this.#now + ms;
    await flush();
    for (let timer = this.#next(); timer !== undefined && timer.at <= target; timer = this.#next()) {
      this.#fire(timer);
      await flush();
    }
    this.#now = target;
    await flush();
  }

  /** Moves from timer to timer until the condition holds; throws when it does not within so much of the clock's time. */
  async runUntil(condition: () => boolean | Promise<boolean>, withinMs = 3_600_000, what = "the condition"): Promise<void> {
    const limit = this.#now + withinMs;
    await flush();
    while (!await condition()) {
      const timer = this.#next();
      if (timer === undefined || timer.at > limit) throw new Error(`${what} did not come true within ${withinMs} ms of the clock (now ${this.iso()})`);
      this.#fire(timer);
      await flush();
    }
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.callback();
  }
}

/** The clock of one simulated process: once the process is dead, none of its timers fires. */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  #alive = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, callback: () => void): () => void {
    return this.#clock.after(ms, () => { if (this.#alive) callback(); });
  }

  /** The process dies. */
  kill(): void {
    this.#alive = false;
  }
}
