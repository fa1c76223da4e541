import { projections } from "#projections/index.ts";
import { parkedCollection } from "#projections/parked.ts";
import type { EventFeed, ReadModels } from "#projections/ports.ts";
import type { Fact, Projection } from "#projections/projection.ts";
import { Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import type { Evidence } from "./evidence.ts";

async function replay({ events, simulation: { scene } }: Evidence, models: ReadModels): Promise<void> {
  const feed: EventFeed = {
    storeId: scene.stores.events.storeId, whenNewer: () => Promise.resolve(),
    readAfter: (position, max) => Promise.resolve(events.filter((event) => event.position > position).slice(0, max)),
  };
  const projector = new Projector({ models, feed, projections, pause: () => Promise.resolve() });
  for (let moved = true; moved;) moved = await projector.step();
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (value: unknown): unknown => (typeof value !== "object" || value === null || Array.isArray(value) ? value
  : Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, sorted(part)])));

async function differences(of: Projection, ids: readonly string[], served: Reader, fresh: Reader): Promise<string[]> {
  const byId = async (reader: Reader) => new Map((await reader.getMany(of, ids)).map((document) => [document._id, document]));
  const [left, right] = [await byId(served), await byId(fresh)];
  return ids.filter((id) => !same(left.get(id), right.get(id)))
    .map((id) => `${of.name} ${id} is ${JSON.stringify(left.get(id))} but replays to ${JSON.stringify(right.get(id))}`);
}

/** Every document is what a replay of the log from its first event makes of it, and no event was passed over. */
export async function modelsEqualReplay(evidence: Evidence): Promise<string[]> {
  const models = openSqliteReadModels(":memory:");
  const { readModels } = evidence.simulation.scene.stores;
  const problems: string[] = [];
  await replay(evidence, models);
  for (const of of projections) {
    const ids = new Set(evidence.events.filter(({ type }) => of.handles.has(type)).flatMap((event) => of.keysOf(event as Fact)));
    const replayed = of.sums === undefined ? [] : await new Reader(models).getMany(of, [...ids]);
    for (const { to } of replayed.flatMap((document) => of.sums?.shares(document) ?? [])) ids.add(to);
    problems.push(...await differences(of, [...ids].toSorted(), new Reader(readModels), new Reader(models)));
  }
  for (const { _id, reason } of await readModels.query(parkedCollection.name, { index: "all", limit: 10 })) problems.push(`event ${_id} was passed over: ${String(reason)}`);
  await models.close();
  return problems;
}
