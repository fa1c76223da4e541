import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { join } from "node:path";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { writeLog } from "../support/log.ts";
import { project } from "../support/projecting.ts";

// The heap of a process that projects a growing log, at its length of 200,000 events and of 1,000,000.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const [folder = ""] = process.argv.slice(2);
const store = await openSqliteEventStore(join(folder, "events.db"));
const models = openSqliteReadModels(join(folder, "read-models.db"));
const heaps: number[] = [];
await writeLog(store, 1_000_000, [200_000, 1_000_000], async () => {
  await project(store, models);
  collect();
  heaps.push(process.memoryUsage().heapUsed);
});
await models.close();
await store.close();
process.send?.(heaps);
process.disconnect?.();
