import type { Pause } from "./pause.ts";

// A batch has its price however few events are in it, but only where many come does leaving them to grow save anything.
const fewEvents = 32;

/** Who waits for the projector, and so how long it may rest between two batches. */
export class Pace {
  /** Whether the last look at the log found less than a whole batch. */
  #atHead = false;
  /** Events that the last look at the log found. */
  #found = 0;
  readonly #waiting = new Set<() => unknown>();
  #hurry = new AbortController();

  /** Whether `reached` comes true in time. */
  async wait(reached: () => boolean, timeoutMs: number, pause: Pause): Promise<boolean> {
    if (reached()) return true;
    const waiting = new AbortController();
    const check = () => reached() && waiting.abort();
    this.#waiting.add(check);
    this.#hurry.abort();
    try {
      await pause(timeoutMs, waiting.signal);
    } finally {
      this.#waiting.delete(check);
    }
    return reached();
  }

  /** A look at the log begins. */
  look(): void {
    this.#atHead = true;
    this.#found = 0;
  }

  /** So many events were found, of a batch that holds so many. */
  read(events: number, batch: number): void {
    if (events === batch) this.#atHead = false;
    this.#found += events;
  }

  /** The projector has moved. */
  moved(): void {
    for (const check of this.#waiting) check();
  }

  /** Rests; the signal says that there is more to read, that little came, or that somebody waits. */
  async rest(breathe: ((hurry: AbortSignal) => Promise<void>) | undefined): Promise<void> {
    this.#hurry = new AbortController();
    if (!this.#atHead || this.#waiting.size > 0 || this.#found < fewEvents) this.#hurry.abort();
    await breathe?.(this.#hurry.signal);
  }
}
