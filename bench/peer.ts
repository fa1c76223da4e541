import { join } from "node:path";
import type { EventStore } from "#commands/ports.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { appending } from "./support/appending.ts";
import { type Emmett, loadEmmett } from "./support/emmett.ts";
import { alone, compare, type Figure, perSecond } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";
import { readLog, writeLog } from "./support/log.ts";
import { copyLog, projectByPeer, sameDocuments } from "./support/peer-projections.ts";
import { type Postgres, postgresPrograms, startPostgres } from "./support/postgres.ts";
import { project } from "./support/projecting.ts";

// AgentHub on its embedded stores beside emmett-postgresql on a PostgreSQL of the bench's own: two stacks as one would install
// them, not one piece of code beside another. Where PostgreSQL or the package is missing, the bench says so and measures nothing.

const length = 4_000;
/** With these the peer appends fastest on a few cores; its own default of 10 and one for every caller are slower. */
const connections = 20;

async function catchUp(store: EventStore, path: string, events: number): Promise<number> {
  const models = openSqliteReadModels(path);
  try {
    return await perSecond(async () => {
      await project(store, models);
      return events;
    });
  } finally {
    await models.close();
  }
}

async function compareCatchUp(emmett: Emmett, postgres: Postgres, folder: string): Promise<Figure> {
  const store = await openSqliteEventStore(join(folder, "events.db"));
  const url = postgres.url("lazy");
  try {
    await writeLog(store, length);
    const events = await readLog(store);
    await copyLog(emmett, url, events);
    const figure = await compare({
      name: "all read models catching up, beside emmett-postgresql with the same folds", unit: "events/s", target: 1, rounds: 3,
      ours: (round) => catchUp(store, join(folder, `ours-${round}.db`), events.length),
      bare: async (round) => {
        const run = await projectByPeer(emmett, url, `-${round}`);
        return await perSecond(async () => {
          await run();
          return events.length;
        });
      },
    });
    await sameDocuments(emmett, url, "-1", join(folder, "ours-1.db"), events);
    return figure;
  } finally {
    await store.close();
  }
}

async function ownAppends(path: string): Promise<number> {
  const store = await openSqliteEventStore(path);
  const rate = await appending((stream, event, expected) => store.append(stream, [event], expected));
  await store.close();
  return rate;
}

async function peerAppends({ postgres, pg }: Emmett, url: string): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const store = postgres.getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  const rate = await appending((stream, { id, type, data, metadata }, expected) =>
    store.appendToStream(stream, [{ type, data, metadata: { ...metadata, messageId: id } }], { expectedStreamVersion: BigInt(expected + 1) }));
  await pool.end();
  return rate;
}

async function prepared(folder: string): Promise<{ emmett: Emmett; postgres: Postgres } | null> {
  try {
    const programs = await postgresPrograms();
    return { emmett: await loadEmmett(), postgres: await startPostgres(programs, folder) };
  } catch (error) {
    console.error(`peer is left out: ${(error as Error).message.split("\n")[0]}`);
    return null;
  }
}

/** AgentHub beside another event store of TypeScript with projections, on the same events and with the same folds. */
export const run = (): Promise<Figure[]> => inFolder((folder) => inFolder(async (cluster) => {
  const peer = await prepared(cluster);
  if (peer === null) return [];
  const { emmett, postgres } = peer;
  try {
    return [
      await compareCatchUp(emmett, postgres, folder),
      await compare({
        name: "durable appends, 64 at once, beside emmett-postgresql", unit: "events/s", target: 1, rounds: 3,
        ours: (round) => ownAppends(join(folder, `appends-${round}.db`)),
        bare: () => peerAppends(emmett, postgres.url()),
      }),
    ];
  } finally {
    void emmett.dumbo.endAllPools();
    await postgres.stop();
  }
}));

if (import.meta.main) await alone(run);
