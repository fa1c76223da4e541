import { openMongo } from "#infra/mongodb/open.ts";
import { openSqliteMetrics } from "#infra/sqlite/metrics.ts";
import { mongoAvailable, startTestMongo } from "#test/support/mongodb.ts";
import { metricsContract } from "./metrics.ts";

metricsContract("SQLite", async () => {
  const store = openSqliteMetrics(":memory:");
  return { store, close: () => store.close() };
});

if (mongoAvailable("metrics on MongoDB")) {
  metricsContract("MongoDB", async () => {
    const server = await startTestMongo();
    const { metrics, close } = await openMongo(server.database());
    return {
      store: metrics,
      async close() {
        await close();
        await server.close();
      },
    };
  });
}
