import { setTimeout as delay } from "node:timers/promises";

/** How long to poll, how often, and what to call the awaited thing when it never comes. */
export type UntilOptions = { timeout?: number; interval?: number; what?: string };

type Falsy = false | null | undefined | 0 | "";

/** Polls until the condition is truthy and returns its value; throws naming what was awaited. */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeout = 20_000, interval = 20, what = "the condition" }: UntilOptions = {},
): Promise<Exclude<T, Falsy>> {
  const deadline = performance.now() + timeout;
  let failure: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Exclude<T, Falsy>;
      failure = undefined;
    } catch (error) {
      failure = error; // a condition that throws is one that does not hold yet
    }
    if (performance.now() >= deadline) {
      throw new Error(`${what} did not come true within ${timeout} ms`, { cause: failure });
    }
    await delay(interval);
  }
}
