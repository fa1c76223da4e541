import type { Clock } from "#commands/ports.ts";

/** Gives work a signal that aborts after `ms` of the clock, or with its parent; work that does not listen is left alone. */
export async function withDeadline<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>, parent?: AbortSignal): Promise<T> {
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    const end = (error: Error): void => {
      controller.abort(error);
      reject(error);
    };
    const withParent = (): void => end(new Error("stopped"));
    const stopTimer = clock.after(ms, () => end(new Error(`no answer within ${ms} ms`)));
    parent?.addEventListener("abort", withParent, { once: true });
    cancel = () => {
      stopTimer();
      parent?.removeEventListener("abort", withParent);
    };
    if (parent?.aborted === true) withParent();
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    cancel();
  }
}
