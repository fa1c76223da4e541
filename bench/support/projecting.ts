import { setImmediate as turn } from "node:timers/promises";
import type { EventStore } from "#commands/ports.ts";
import { Tail } from "#commands/tail.ts";
import { systemClock } from "#infra/system/clock.ts";
import { projections } from "#projections/index.ts";
import { pauseBy } from "#projections/pause.ts";
import type { ReadModels } from "#projections/ports.ts";
import { Projector } from "#projections/runner.ts";

/** As many events as the application takes at a time. */
const batch = 1000;

/** A projector at work on a log. */
export interface Projecting {
  /** Resolves once everything that the log holds is projected; answers where that is. */
  caughtUp(): Promise<string>;
  stop(): Promise<void>;
}

/** Projects a log as the application does, but with a short window on its end: what passes through must not hide in what is kept. */
export async function startProjecting(store: EventStore, models: ReadModels): Promise<Projecting> {
  const tail = new Tail(store, systemClock, { events: 1_000, ageMs: 0 });
  await tail.start();
  const projector = new Projector({ models, feed: tail, projections, batch, pause: pauseBy(systemClock), breathe: () => turn() });
  const stop = new AbortController();
  await projector.open();
  const running = projector.run(stop.signal);
  return {
    async caughtUp() {
      const [last] = await store.readAll({ direction: "backwards", max: 1 });
      const head = last?.position ?? "";
      if (!await projector.waitUntil(head, 3_600_000)) throw new Error(`projected to ${projector.positionOf()} only, not to ${head}`);
      return projector.positionOf();
    },
    async stop() {
      stop.abort();
      await running;
      await tail.stop();
    },
  };
}

/** Projects a whole log, and answers where it came to. */
export async function project(store: EventStore, models: ReadModels): Promise<string> {
  const projecting = await startProjecting(store, models);
  try {
    return await projecting.caughtUp();
  } finally {
    await projecting.stop();
  }
}
