import { openMongo } from "#infra/mongodb/open.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { mongoAvailable, startTestMongo } from "#test/support/mongodb.ts";
import { readModelsContract } from "./read-models.ts";

readModelsContract("SQLite", async () => {
  const store = openSqliteReadModels(":memory:");
  return { store, close: () => store.close() };
});

if (mongoAvailable("read models on MongoDB")) {
  readModelsContract("MongoDB", async () => {
    const server = await startTestMongo();
    const { readModels, close } = await openMongo(server.database());
    return {
      store: readModels,
      async close() {
        await close();
        await server.close();
      },
    };
  });
}
