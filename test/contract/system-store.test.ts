import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
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
