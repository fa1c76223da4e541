import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEventStoreDb } from "#infra/eventstoredb/open.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { startEsdbDouble } from "#test/support/esdb-double/server.ts";
import { eventStoreContract } from "./event-store.ts";

eventStoreContract("SQLite in memory", async () => {
  const store = await openSqliteEventStore(":memory:");
  return { store, close: () => store.close() };
});

eventStoreContract("SQLite file", async () => {
  const directory = await mkdtemp(join(tmpdir(), "agenthub-events-"));
  const store = await openSqliteEventStore(join(directory, "events.db"));
  return {
    store,
    async close() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});

const real = process.env["AGENTHUB_TEST_ESDB"];

eventStoreContract(real ? "EventStoreDB, a real server" : "EventStoreDB, a double of it", async () => {
  const double = real ? undefined : await startEsdbDouble();
  const store = await openEventStoreDb(real ?? double?.connectionString ?? "");
  return {
    store,
    async close() {
      await store.close();
      await double?.close();
    },
  };
});
