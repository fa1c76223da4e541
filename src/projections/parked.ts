import { decode, whyUnreadable } from "#domain/catalogue.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import type { CollectionSpec, ReadModels } from "./ports.ts";
import type { Fact } from "./projection.ts";

/** Events that could not be folded: recorded, reported and passed over, so that one bad event stops nothing else. */
export const parkedCollection: CollectionSpec = {
  name: "parked",
  indexes: [
    { name: "all", equals: [], sort: "position" },
    { name: "by_projection", equals: ["projection"], sort: "position" },
  ],
};

/** The name that stands for all projections: nobody can read the event. */
export const everyProjection = "*";

interface Misfit {
  readonly event: StoredEvent;
  readonly reason: string;
}

/** Records a misfit; recording it again changes nothing. */
export const park = (models: ReadModels, projection: string, event: StoredEvent, reason: string): Promise<void> => parkAll(models, projection, [{ event, reason }]);

async function parkAll(models: ReadModels, projection: string, misfits: readonly Misfit[]): Promise<void> {
  await models.write(parkedCollection.name, misfits.map(({ event: { id, position, stream, revision, type }, reason }) => ({
    document: { _id: `${projection}:${id}`, _v: position, projection, position, stream, revision, type, event_id: id, reason },
    expected: null,
  })));
}

/** Parked events are counted up to here. */
export const mostCounted = 1000;

/** How many events a projection has parked. */
export async function countParked(models: ReadModels, projection: string): Promise<number> {
  return (await models.query(parkedCollection.name, { index: "by_projection", equals: { projection }, limit: mostCounted })).length;
}

/** The events of a batch with the data of their types; those that nobody can read are parked. */
export async function readable(models: ReadModels, events: readonly StoredEvent[]): Promise<{ facts: Fact[]; parked: number }> {
  const facts: Fact[] = [];
  const misfits: Misfit[] = [];
  for (const event of events) {
    const decoded = decode(event);
    if (decoded === null) misfits.push({ event, reason: whyUnreadable(event) ?? "it cannot be read" });
    else facts.push(decoded as Fact);
  }
  await parkAll(models, everyProjection, misfits);
  return { facts, parked: misfits.length };
}
