import { setImmediate as turn } from "node:timers/promises";
import type { EventStore } from "#commands/ports.ts";
import { Tail } from "#commands/tail.ts";
import { systemClock } from "#infra/system/clock.ts";
import { projections } from "#projections/index.ts";
import { pauseBy } from "#projections/pause.ts";
import type { ReadModels } from "#projections/ports.ts";
import { Projector } from "#projections/runner.ts";

/** Projects a whole log as the application does, and answers where it came to. */
export async function project(store: EventStore, models: ReadModels): Promise<string> {
  const tail = new Tail(store, systemClock, { events: 1_000, ageMs: 0 });
  await tail.start();
  const projector = new Projector({ models, feed: tail, projections, pause: pauseBy(systemClock), breathe: () => turn() });
  const stop = new AbortController();
  await projector.open();
  const running = projector.run(stop.signal);
  try {
    if (!await projector.waitUntil(tail.head, 3_600_000)) throw new Error(`projected to ${projector.positionOf()} only, not to ${tail.head}`);
    return projector.positionOf();
  } finally {
    stop.abort();
    await running;
    await tail.stop();
  }
}
