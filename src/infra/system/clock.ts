import type { Clock } from "#commands/ports.ts";

// A timer that is asked for more ends at once.
const longest = 2_147_483_647;

/** The machine's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, longest));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
