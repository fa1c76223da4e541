import type { Clock } from "#commands/ports.ts";
import { systemClock } from "#infra/system/clock.ts";

/** The system's clock, set ahead: days pass at once while timers run as ever. */
export class ShiftedClock implements Clock {
  #ahead = 0;

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  after(ms: number, callback: () => void): () => void {
    return systemClock.after(ms, callback);
  }

  /** Lets so many hours pass. */
  pass(hours: number): void {
    this.#ahead += hours * 3_600_000;
  }
}
