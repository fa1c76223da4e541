import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMongo } from "#infra/mongodb/open.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { mongoAvailable, startTestMongo } from "#test/support/mongodb.ts";
import { systemStoreContract } from "./system-store.ts";

systemStoreContract("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "agenthub-system-"));
  const first = openSqliteSystemStore(join(folder, "system.db"));
  const second = openSqliteSystemStore(join(folder, "system.db"));
  return {
    stores: [first, second],
    async close() {
      await first.close();
      await second.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

if (mongoAvailable("the system store on MongoDB")) {
  systemStoreContract("MongoDB", async () => {
    const server = await startTestMongo();
    const url = server.database();
    const first = await openMongo(url);
    const second = await openMongo(url);
    return {
      stores: [first.system, second.system],
      async close() {
        await first.close();
        await second.close();
        await server.close();
      },
    };
  });
}
