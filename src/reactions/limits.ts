import { toMillis } from "#domain/kernel/time.ts";

/** Every waiting time of an instance's life, in milliseconds. */
export const limits = {
  /** From the container's start to the first good probe, unless an operator sets another; the pull is not counted. */
  startMs: 120_000,
  resumeMs: 60_000,
  pauseGraceMs: 10_000,
  terminateGraceMs: 30_000,
  /** What the cancellation of the last tasks may take beyond the grace. */
  drainMarginMs: 5_000,
  crashWindowMs: 600_000,
  probeMs: 10_000,
  /** How long after its deadline a task counts as lost. */
  lostMs: 60_000,
} as const;

/** So many exits within the window are a crash loop. */
export const crashLimit = 5;

/** How many of the exits lie within the window. */
export const recentExits = (exits: readonly string[], now: number): number =>
  exits.filter((at) => now - toMillis(at) < limits.crashWindowMs).length;

/** 1, 2, 4 ... 60 seconds by the number of recent exits. */
export const backoffMs = (exits: number): number => Math.min(60_000, 1000 * 2 ** Math.max(0, exits - 1));
