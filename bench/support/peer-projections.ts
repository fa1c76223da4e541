import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { projections } from "#projections/index.ts";
import { collectionName, type Fact, type Projection } from "#projections/projection.ts";
import type { Emmett, PeerEvent } from "./emmett.ts";

const digits = 16;

function factOf({ type, data, metadata: { messageId, streamName, streamPosition, globalPosition, ...metadata } }: PeerEvent): Fact {
  return {
    id: messageId, stream: streamName, revision: Number(streamPosition) - 1, position: String(globalPosition).padStart(digits, "0"), type, data, metadata,
  } as unknown as Fact;
}

/** Appends the very events of a log to the peer's, in the same order, with the same ids and revisions. */
export async function copyLog({ postgres }: Emmett, url: string, events: readonly StoredEvent[]): Promise<void> {
  const peer = postgres.getPostgreSQLEventStore(url);
  await peer.schema.migrate();
  for (const { stream, type, data, metadata, id, revision } of events)
    await peer.appendToStream(stream, [{ type, data, metadata: { ...metadata, messageId: id } }], { expectedStreamVersion: BigInt(revision) });
  await peer.close();
}

/** Every read model's folds as projections of the peer; the answer has its own consumer run them over its own log until nothing is left. */
export async function projectByPeer({ postgres, pongo }: Emmett, url: string, suffix: string): Promise<() => Promise<void>> {
  const client = pongo.pongoClient(url);
  for (const { name } of projections) await client.db().collection(name + suffix).createCollection();
  await client.close();
  // At its own batch size and without the rest that it takes between batches.
  const consumer = postgres.postgreSQLEventStoreConsumer({ connectionString: url, stopWhen: { noMessagesLeft: true }, pulling: { pullingFrequencyInMs: 0 } });
  for (const of of projections) {
    // What its projection over several streams does with an event, for all the documents that the event belongs to.
    const projection = postgres.pongoProjection({
      name: of.name + suffix, canHandle: [...of.handles],
      async handle(events, context) {
        const collection = context.pongo.db().collection(of.name + suffix, { schema: { autoMigration: "None" } });
        for (const fact of events.map(factOf)) {
          for (const id of of.keysOf(fact)) await collection.handle(id, (document) => of.fold(document, fact, id));
        }
      },
    });
    consumer.projector({ processorId: of.name + suffix, projection });
  }
  return async () => {
    await consumer.start();
    await consumer.close();
  };
}

function folded(of: Projection, events: readonly StoredEvent[]): Map<string, object> {
  const documents = new Map<string, object>();
  for (const fact of events as readonly Fact[]) {
    if (!of.handles.has(fact.type)) continue;
    for (const id of of.keysOf(fact)) {
      const document = of.fold(documents.get(id) ?? null, fact, id);
      if (document !== null) documents.set(id, document);
    }
  }
  return documents;
}

const differs = (documents: ReadonlyMap<string, object>, wanted: ReadonlyMap<string, object>): boolean =>
  wanted.size === 0 || [...wanted].some(([id, document]) => !isDeepStrictEqual(documents.get(id), document));

/** Throws unless the peer's documents, and those in our file, are field by field what the folds make of the events. */
export async function sameDocuments({ pongo }: Emmett, url: string, suffix: string, path: string, events: readonly StoredEvent[]): Promise<void> {
  const client = pongo.pongoClient(url);
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    for (const of of projections) {
      const wanted = folded(of, events);
      const rows = db.prepare(`select doc from "${collectionName(of)}"`).all().map(({ doc }) => JSON.parse(String(doc)) as { _id: string; _v: string });
      // Our own collections hold sums besides.
      if (differs(new Map(rows.map(({ _id, _v, ...document }) => [_id, document])), wanted)) throw new Error(`our documents of ${of.name} are not what its folds make`);
      const theirs = new Map((await client.db().collection(of.name + suffix).find()).map(({ _id, _version, ...document }) => [_id, document]));
      if (theirs.size !== wanted.size || differs(theirs, wanted)) throw new Error(`the peer's documents of ${of.name} are not what its folds make`);
    }
  } finally {
    db.close();
    await client.close();
  }
}
