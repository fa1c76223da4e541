import { openSqliteMetrics } from "#infra/sqlite/metrics.ts";
import { metricsContract } from "./metrics.ts";

metricsContract("SQLite", async () => {
  const store = openSqliteMetrics(":memory:");
  return { store, close: () => store.close() };
});
