import type { Clock } from "#commands/ports.ts";

/** Gives work a signal that aborts after `ms` of the clock; the work is left alone once it does not listen. */
export async function withDeadline<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => {
      const error = new Error(`no answer within ${ms} ms`);
      controller.abort(error);
      reject(error);
    });
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    cancel();
  }
}

/** Settles after `ms` of the clock. */
export const sleep = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => { clock.after(ms, resolve); });
