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

/** Records a misfit; recording it again changes nothing. */
export async function park(models: ReadModels, projection: string, event: StoredEvent, reason: string): Promise<void> {
  const { position, stream, revision, type } = event;
  await models.write(parkedCollection.name, [{
    document: { _id: `${projection}:${event.id}`, _v: position, projection, position, stream, revision, type, event_id: event.id, reason },
    expected: null,
  }]);
}

/** How many events a projection has parked, counted up to a thousand. */
export async function countParked(models: ReadModels, projection: string): Promise<number> {
  const limit = 1000;
  return (await models.query(parkedCollection.name, { index: "by_projection", equals: { projection }, limit })).length;
}

/** The events of a batch with the data of their types; those that nobody can read are parked. */
export async function readable(models: ReadModels, events: readonly StoredEvent[]): Promise<{ facts: Fact[]; parked: number }> {
  const facts: Fact[] = [];
  let parked = 0;
  for (const event of events) {
    const decoded = decode(event);
    if (decoded !== null) {
      facts.push(decoded as Fact);
      continue;
    }
    await park(models, everyProjection, event, whyUnreadable(event) ?? "it cannot be read");
    parked += 1;
  }
  return { facts, parked };
}
