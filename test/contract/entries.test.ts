import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { readConfig } from "#app/config.ts";
import { memory, openStores, type Stores } from "#app/stores.ts";
import { noStream } from "#commands/ports.ts";
import { entriesFirst } from "#infra/entries-first.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { startEsdbDouble } from "#test/support/esdb-double/server.ts";
import { mongoAvailable, startTestMongo } from "#test/support/mongodb.ts";
import { entriesContract } from "./entries.ts";
import { someEvents, someStream } from "./event-store-samples.ts";

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "agenthub-entries-"));
  folders.push(made);
  return made;
};
afterAll(() => { for (const made of folders) rmSync(made, { recursive: true, force: true }); });

const open = (settings: Record<string, string>): Promise<Stores> => openStores(readConfig(settings));

entriesContract("SQLite in memory", () => open({ AGENTHUB_DATA_DIR: memory }));
entriesContract("SQLite files", () => open({ AGENTHUB_DATA_DIR: folder() }));
const real = process.env["AGENTHUB_TEST_ESDB"];
entriesContract(`EventStoreDB, ${real ? "a real server" : "a double of it"}, beside a SQLite file`, async () => {
  const double = real ? undefined : await startEsdbDouble();
  const stores = await open({ AGENTHUB_DATA_DIR: folder(), AGENTHUB_EVENT_STORE: real ?? double?.connectionString ?? "" });
  return { ...stores, close: async () => { await stores.close(); await double?.close(); } };
});
if (mongoAvailable("entries that come with events on MongoDB")) {
  entriesContract("a SQLite file beside MongoDB", async () => {
    const server = await startTestMongo();
    const stores = await open({ AGENTHUB_DATA_DIR: folder(), AGENTHUB_READ_MODELS: server.database() });
    return { ...stores, close: async () => { await stores.close(); await server.close(); } };
  });
}

test("entries of a file are there after it was closed and opened again, and in a copy", async () => {
  const path = join(folder(), "events.db");
  const first = await openSqliteEventStore(path);
  await first.append(someStream(), someEvents(1), noStream, [{ kind: "k", key: "a", value: [1], expires_at: 10 }]);
  await first.backup(`${path}.copy`);
  await first.close();
  for (const file of [path, `${path}.copy`]) {
    const again = await openSqliteEventStore(file);
    expect(await again.entries.get("k", "a", 9)).toEqual([1]);
    await again.close();
  }
});

test("a purge removes any number of entries", async () => {
  const store = await openSqliteEventStore(":memory:");
  const many = Array.from({ length: 5_000 }, (_, n) => ({ kind: "k", key: String(n), value: n, expires_at: n < 4_500 ? 10 : 11 }));
  await store.append(someStream(), someEvents(1), noStream, many);
  expect(await store.entries.purge(10)).toBe(4_500);
  expect(await store.entries.list("k", "", 1_000)).toHaveLength(500);
  await store.close();
});

test("nothing is appended while the system store takes no entries", async () => {
  const events = await openSqliteEventStore(":memory:");
  const system = openSqliteSystemStore(":memory:");
  const both = entriesFirst(events, { ...system, put: () => Promise.reject(new Error("away")) });
  const stream = someStream();
  await expect(both.append(stream, someEvents(1), noStream, [{ kind: "k", key: "a", value: 1, expires_at: 10 }])).rejects.toMatchObject({ name: "Unavailable" });
  expect(await both.read(stream)).toEqual([]);
  await both.append(stream, someEvents(1), noStream);
  expect(await both.read(stream)).toHaveLength(1);
  await both.close();
  await system.close();
});
