import type { Clock } from "./ports.ts";

/** Settles after `ms` of the clock. */
export const sleep = (clock: Pick<Clock, "after">, ms: number): Promise<void> => new Promise((resolve) => { clock.after(ms, resolve); });
