import { afterEach, beforeEach, expect } from "@jest/globals";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { projections } from "#projections/index.ts";
import type { ReadModels } from "#projections/ports.ts";
import { Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import { History, idOf } from "#test/support/history.ts";

/** Whom and what the histories are about. */
export const [publisher, customer, agent, instance] = [idOf("account", 1), idOf("account", 2), idOf("agent", 1), idOf("instance", 1)];
/** As it goes over the wire: raw numbers keep their digits. */
export const wire = (value: unknown): string => JSON.stringify(value);
/** The same, read again. */
export const json = (value: unknown): Record<string, unknown> => JSON.parse(wire(value)) as Record<string, unknown>;

/** The read models of the test that runs. */
let models: ReadModels;
/** Their reader. */
export let reader: Reader;

/** Gives each test of the calling file read models of its own. */
export function modelsForEach(): void {
  beforeEach(() => {
    models = openSqliteReadModels(":memory:");
    reader = new Reader(models);
  });
  afterEach(() => models.close());
}

/** Projects a history into all of them; nothing of it may be parked. */
export async function project(history: History): Promise<void> {
  const projector = new Projector({ models, feed: history.feed(), projections, pause: () => Promise.resolve() });
  while (await projector.step());
  expect(projector.status().map(({ name, parked, last_error }) => ({ name, parked, last_error })))
    .toEqual(projections.map(({ name }) => ({ name, parked: 0, last_error: null })));
}

/** A document that must be there. */
export async function found<T>(promise: Promise<T | null>): Promise<T> {
  const value = await promise;
  if (value === null) throw new Error("there is no such document");
  return value;
}

/** One hour runs before the pause, a day passes paused, half an hour runs after it; two tasks succeed and three requests are reported. */
export const lived = () => new History().open(1, ["publisher"]).open(2).register(1, 1)
  .request(1).after(30).started(1).after(1800).task(1, 1, 2).degraded(1).after(598).recovered(1).after(1200).pauseRequested(1)
  .after(5).paused(1).after(86_400).resumeRequested(1).after(1).resumed(1).after(1790).task(1, 2, 4).task(1, 3, 1, "fails").task(1, 4, 5, "is cancelled")
  .reported(1, "r1", "requests", "3").reported(1, "r2", "tokens", "12.5");
