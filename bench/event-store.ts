import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { NewEvent } from "#commands/ports.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { alone, compare, type Figure, perSecond } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";

const appenders = 64;
const milliseconds = 2_000;
const data = { text: "x".repeat(400 - '{"text":""}'.length) };
const metadata = {
  schema_version: 1, recorded_at: "2026-01-01T00:00:00.000Z", account: "acc", actor: "acc",
  command_id: "command", correlation_id: "correlation", causation_id: "causation",
};

/** Durable appends through the port: 64 appenders, each waiting for its own answer. */
async function throughPort(path: string): Promise<number> {
  const store = await openSqliteEventStore(path);
  const rate = await perSecond(async () => {
    const end = performance.now() + milliseconds;
    let count = 0;
    await Promise.all(Array.from({ length: appenders }, async () => {
      const stream = `bench-${randomUUID()}`;
      for (let expected = -1; performance.now() < end; expected += 1) {
        const event: NewEvent = { id: randomUUID(), type: "Benched", data, metadata };
        await store.append(stream, [event], expected);
        count += 1;
      }
    }));
    return count;
  });
  await store.close();
  return rate;
}

/** The most that the database gives: bare inserts of the same rows, 64 to a transaction, same durability. */
async function bareInserts(path: string): Promise<number> {
  const db = new DatabaseSync(path);
  db.exec("pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full");
  db.exec(`create table events (position integer primary key autoincrement, stream text not null, revision integer not null,
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
