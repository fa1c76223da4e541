import type { Clock } from "#commands/ports.ts";

/** A caller's signal and a time limit in one; `clear` must be called at the end. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether the time limit, not the caller, ended it. */
  readonly expired: () => boolean;
  readonly clear: () => void;
}

/** Starts a time limit of `ms` under the callers' signals. `AbortSignal.any` would leave the collector a weak reference for each task. */
export function deadline(clock: Clock, ms: number, ...callers: readonly AbortSignal[]): Deadline {
  const controller = new AbortController();
  let expired = false;
  const cancel = clock.after(ms, () => {
    expired = true;
    controller.abort(new DOMException("the time limit is over", "TimeoutError"));
  });
  const onAbort = (): void => controller.abort(callers.find((caller) => caller.aborted)?.reason);
  if (callers.some((caller) => caller.aborted)) onAbort();
  else for (const caller of callers) caller.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    expired: () => expired,
    clear: () => {
      cancel();
      for (const caller of callers) caller.removeEventListener("abort", onAbort);
    },
  };
}

/** Rejects when the signal aborts before the promise settles. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
