import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { NewEvent } from "#commands/ports.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";

const appenders = 64;
const rounds = 5;
const seconds = 2;
const data = { text: "x".repeat(400 - '{"text":""}'.length) };
const metadata = {
  schema_version: 1, recorded_at: "2026-01-01T00:00:00.000Z", account: "acc", actor: "acc",
  command_id: "command", correlation_id: "correlation", causation_id: "causation",
};

/** Durable appends per second through the port: 64 appenders, each waiting for its own answer. */
async function throughPort(path: string): Promise<number> {
  const store = await openSqliteEventStore(path);
  const end = performance.now() + seconds * 1_000;
  let count = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: appenders }, async () => {
    const stream = `bench-${randomUUID()}`;
    for (let expected = -1; performance.now() < end; expected++) {
      const event: NewEvent = { id: randomUUID(), type: "Benched", data, metadata };
      await store.append(stream, [event], expected);
      count += 1;
    }
  }));
  const rate = count / ((performance.now() - start) / 1_000);
  await store.close();
  return rate;
}

/** The most that the database gives: bare inserts of the same rows, 64 to a transaction, same durability. */
function bare(path: string): number {
  const db = new DatabaseSync(path);
  db.exec("pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full");
  db.exec(`create table events (position integer primary key autoincrement, stream text not null, revision integer not null,
    id text not null, type text not null, data text not null, metadata text not null, unique (stream, revision))`);
  const insert = db.prepare("insert into events (stream, revision, id, type, data, metadata) values (?, ?, ?, ?, ?, ?)");
  const streams = Array.from({ length: appenders }, () => `bench-${randomUUID()}`);
  const end = performance.now() + seconds * 1_000;
  let count = 0;
  const start = performance.now();
  for (let revision = 0; performance.now() < end; revision++) {
    db.exec("begin immediate");
    for (const stream of streams) {
      insert.run(stream, revision, randomUUID(), "Benched", JSON.stringify(data), JSON.stringify(metadata));
    }
    db.exec("commit");
    count += streams.length;
  }
  const rate = count / ((performance.now() - start) / 1_000);
  db.close();
  return rate;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const directory = await mkdtemp(join(tmpdir(), "agenthub-bench-"));
const port: number[] = [];
const plain: number[] = [];
for (let round = 0; round < rounds; round++) {
  plain.push(bare(join(directory, `bare-${round}.db`)));
  port.push(await throughPort(join(directory, `port-${round}.db`)));
}
await rm(directory, { recursive: true, force: true });
const ratio = median(port) / median(plain);
console.log(`bare node:sqlite, 64 inserts to a transaction: ${Math.round(median(plain))} events/s`);
console.log(`event store, ${appenders} concurrent appends:          ${Math.round(median(port))} events/s`);
console.log(`ratio: ${ratio.toFixed(2)} (target 0.30)`);
