import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EventStore } from "#commands/ports.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { fieldExpression } from "#infra/sqlite/read-models-query.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import type { CollectionSpec, ReadModels, StoredDocument } from "#projections/ports.ts";
import { alone, compare, type Figure, perSecond } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";
import { writeLog } from "./support/log.ts";
import { project } from "./support/projecting.ts";

const length = 60_000;
/** The load that the read models must stay ahead of, three times over. */
const offered = 2_000;

interface Write {
  readonly collection: string;
  readonly documents: readonly StoredDocument[];
}

interface Writes {
  readonly collections: CollectionSpec[];
  /** What is asked for at one time, and so shares a transaction. */
  readonly batches: Write[][];
}

/** Read models that also note which documents they are given. */
function noting(models: ReadModels, writes: Writes): ReadModels {
  let together: Write[] | undefined;
  const note = (write: Write): void => {
    if (together === undefined) {
      writes.batches.push(together = []);
      setImmediate(() => { together = undefined; });
    }
    together.push(write);
  };
  return {
    ...models,
    ensure: async (collection) => { writes.collections.push(collection); await models.ensure(collection); },
    write: async (collection, operations) => {
      note({ collection, documents: operations.map(({ document }) => document) });
      return await models.write(collection, operations);
    },
  };
}

async function catchUp(store: EventStore, path: string, wrap: (models: ReadModels) => ReadModels = (models) => models): Promise<number> {
  const models = openSqliteReadModels(path);
  try {
    return await perSecond(async () => {
      await project(store, wrap(models));
      return length;
    });
  } finally {
    await models.close();
  }
}

/** The same documents in the same batches into the same indexes: no events to read, no folds, no guards, no checkpoints. */
async function bareUpserts(path: string, { collections, batches }: Writes): Promise<number> {
  const db = new DatabaseSync(path);
  db.exec("pragma journal_mode=wal; pragma synchronous=normal; pragma wal_autocheckpoint=8000");
  for (const { name, indexes } of collections) {
    db.exec(`create table "${name}" (id text primary key, v text not null, doc text not null)`);
    for (const index of indexes) db.exec(`create index "${name}.${index.name}" on "${name}" (${[...index.equals, index.sort].map(fieldExpression).join(", ")}, id)`);
  }
  const upserts = new Map(collections.map(({ name }) => [name,
    db.prepare(`insert into "${name}" (id, v, doc) values (?, ?, ?) on conflict (id) do update set v = excluded.v, doc = excluded.doc`)]));
  const rate = await perSecond(() => {
    for (const batch of batches) {
      db.exec("begin immediate");
      for (const { collection, documents } of batch) {
        for (const document of documents) upserts.get(collection)?.run(document._id, document._v, JSON.stringify(document));
      }
      db.exec("commit");
    }
    return length;
  });
  db.close();
  return rate;
}

/** Every read model built from the beginning, beside bare upserts of the documents that it writes. */
export const run = (): Promise<Figure[]> => inFolder(async (folder) => {
  const store = await openSqliteEventStore(join(folder, "events.db"));
  try {
    await writeLog(store, length);
    const writes: Writes = { collections: [], batches: [] };
    await catchUp(store, join(folder, "noted.db"), (models) => noting(models, writes));
    const figure = await compare({
      name: "all read models catching up, beside bare upserts of their documents", unit: "events/s", target: 0.4, rounds: 3,
      ours: (round) => catchUp(store, join(folder, `ours-${round}.db`)),
      bare: (round) => bareUpserts(join(folder, `bare-${round}.db`), writes),
    });
    return [figure, { ...figure, name: "the same, beside a load of 2,000 events/s", bare: offered, ratio: figure.ours / offered, spread: [], target: 3 }];
  } finally {
    await store.close();
  }
});

if (import.meta.main) await alone(run);
