import type { Clock } from "#commands/ports.ts";

/** Waits, or until the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** Pauses by a clock. */
export const pauseBy = (clock: Pick<Clock, "after">): Pause => (ms, signal) => new Promise((resolve) => {
  if (signal.aborted) return resolve();
  const cancel = clock.after(ms, finish);
  function finish(): void {
    cancel();
    signal.removeEventListener("abort", finish);
    resolve();
  }
  signal.addEventListener("abort", finish, { once: true });
});

/** The longest rest after failures, milliseconds. */
export const longestRest = 5000;

/** How long to rest after a number of failures in a row: twice as long each time. */
export const backoff = (failures: number): number => Math.min(50 * 2 ** (failures - 1), longestRest);
