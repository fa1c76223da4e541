import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { appenders, appending, data, metadata, milliseconds } from "./support/appending.ts";
import { alone, compare, type Figure, perSecond } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";

async function throughPort(path: string): Promise<number> {
  const store = await openSqliteEventStore(path);
  const rate = await appending((stream, event, expected) => store.append(stream, [event], expected));
  await store.close();
  return rate;
}

/** The most that the database gives: bare inserts of the same rows, 64 to a transaction, same durability. */
async function bareInserts(path: string): Promise<number> {
  const db = new DatabaseSync(path);
  db.exec("pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=8000");
  db.exec(`create table events (position integer primary key, stream text not null, revision integer not null,
    id text not null, type text not null, data text not null, metadata text not null, unique (stream, revision))`);
  const insert = db.prepare("insert into events (stream, revision, id, type, data, metadata) values (?, ?, ?, ?, ?, ?)");
  const streams = Array.from({ length: appenders }, () => `bench-${randomUUID()}`);
  const rate = await perSecond(() => {
    const end = performance.now() + milliseconds;
    let revision = 0;
    for (; performance.now() < end; revision += 1) {
      db.exec("begin immediate");
      for (const stream of streams) insert.run(stream, revision, randomUUID(), "Benched", JSON.stringify(data), JSON.stringify(metadata));
      db.exec("commit");
    }
    return revision * streams.length;
  });
  db.close();
  return rate;
}

/** The embedded event store beside the bare database. */
export const run = (): Promise<Figure[]> => inFolder(async (folder) => [await compare({
  name: "durable appends, 64 at once, beside bare inserts", unit: "events/s", target: 0.3,
  ours: (round) => throughPort(join(folder, `port-${round}.db`)),
  bare: (round) => bareInserts(join(folder, `bare-${round}.db`)),
})]);

if (import.meta.main) await alone(run);
