import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { auditOf } from "#app/audits.ts";
import type { ReadSide } from "#app/read-side.ts";
import type { World } from "#app/world.ts";
import type { EventStore } from "#commands/ports.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { systemClock } from "#infra/system/clock.ts";
import type { ReadModels } from "#projections/ports.ts";
import { Reader } from "#projections/reader.ts";
import { alone, compare, type Figure, perSecond } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";
import { writeLog } from "./support/log.ts";
import { project } from "./support/projecting.ts";

const length = 200_000;
const page = 1_000;

function bareRead(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const select = db.prepare("select position, stream, revision, id, type, data, metadata from events where position > ? order by position limit ?");
  let count = 0;
  for (let from = 0; ;) {
    const rows = select.all(from, page);
    for (const row of rows) {
      JSON.parse(String(row["data"]));
      JSON.parse(String(row["metadata"]));
    }
    count += rows.length;
    const last = rows.at(-1);
    if (last === undefined) break;
    from = Number(last["position"]);
  }
  db.close();
  return count;
}

function auditor(store: EventStore, models: ReadModels, position: string): () => Promise<number> {
  const readSide = { reader: new Reader(models), position: () => Promise.resolve(position) };
  const ask = auditOf({ clock: systemClock, stores: { events: store } } as World, readSide as unknown as ReadSide);
  return async () => {
    const { agrees, events_read, differences } = await ask({});
    if (!agrees) throw new Error(`the audit found differences: ${JSON.stringify(differences[0])}`);
    return events_read;
  };
}

/** An audit of everything, compared with the read models, beside reading and parsing the same rows. */
export const run = (): Promise<Figure[]> => inFolder(async (folder) => {
  const [path, copy] = [join(folder, "events.db"), join(folder, "copy.db")];
  const first = await openSqliteEventStore(path);
  await writeLog(first, length);
  await first.close();
  await copyFile(path, copy);
  const store = await openSqliteEventStore(path);
  const models = openSqliteReadModels(join(folder, "read-models.db"));
  try {
    const everything = auditor(store, models, await project(store, models));
    return [await compare({
      name: `audit of ${length.toLocaleString("en")} events, beside reading and parsing them`, unit: "events/s", target: 0.4,
      ours: () => perSecond(everything),
      bare: () => perSecond(() => bareRead(copy)),
    })];
  } finally {
    await models.close();
    await store.close();
  }
});

if (import.meta.main) await alone(run);
