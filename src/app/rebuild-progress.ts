import type { Build } from "#projections/track.ts";

/** How far a collection is. */
export interface Progress {
  readonly collection: string;
  readonly events: number;
  readonly events_per_second: number;
  /** 0 to 100. */
  readonly percent: number;
  readonly seconds_left: number | null;
}

// Positions are text that sorts; what they begin with is a number all the same, and an estimate needs no more.
const numberOf = (position: string): number => Number(/^\d+/.exec(position)?.[0] ?? "0");

/** How far a build is, judged by its way through the log and the time it took so far. */
export function progressOf(build: Pick<Build, "collection" | "position" | "events">, head: string, elapsedMs: number): Progress {
  const [done, all] = [numberOf(build.position), numberOf(head)];
  const share = all === 0 ? 1 : Math.min(1, done / all);
  const seconds = elapsedMs / 1000;
  return {
    collection: build.collection, events: build.events, events_per_second: seconds > 0 ? Math.round(build.events / seconds) : 0,
    percent: Math.round(share * 1000) / 10, seconds_left: share > 0 ? Math.ceil((seconds * (1 - share)) / share) : null,
  };
}
