import type { Clock } from "#commands/ports.ts";

/** A clock that moves only when a test moves it. */
export interface TestClock {
  readonly clock: Clock;
  /** Moves on and runs what is due, in order; what that schedules runs too when it is due. */
  readonly advance: (ms: number) => Promise<void>;
  /** How many timers wait. */
  readonly waiting: () => number;
}

/** Starts at a fixed instant. */
export function testClock(start = Date.UTC(2026, 0, 1)): TestClock {
  let now = start;
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    clock: {
      now: () => now,
      after(ms, callback) {
        const timer = { at: now + ms, callback };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = Math.max(now, due.at);
        timers.delete(due);
        due.callback();
        await new Promise((resolve) => { setImmediate(resolve); });
      }
      now = end;
    },
    waiting: () => timers.size,
  };
}
