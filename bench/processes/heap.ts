import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { join } from "node:path";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { writeLog } from "../support/log.ts";
import { startProjecting } from "../support/projecting.ts";

// What a process holds that writes and projects a growing log, at its length of 200,000 events and of 1,000,000. The projector
// runs all the while and is at the head, but not stopped, when it is measured: what it keeps counts.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const [folder = ""] = process.argv.slice(2);
const store = await openSqliteEventStore(join(folder, "events.db"));
const models = openSqliteReadModels(join(folder, "read-models.db"));
const projecting = await startProjecting(store, models);
const said: { heap: number; resident: number }[] = [];
await writeLog(store, 1_000_000, [200_000, 1_000_000], async () => {
  await projecting.caughtUp();
  for (let time = 0; time < 3; time += 1) {
    await turn();
    collect();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  said.push({ heap: heapUsed + external, resident: rss });
});
await projecting.stop();
await models.close();
await store.close();
process.send?.(said);
process.disconnect?.();
