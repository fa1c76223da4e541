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
