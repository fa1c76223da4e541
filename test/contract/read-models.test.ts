import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { readModelsContract } from "./read-models.ts";

readModelsContract("SQLite", async () => {
  const store = openSqliteReadModels(":memory:");
  return { store, close: () => store.close() };
});
