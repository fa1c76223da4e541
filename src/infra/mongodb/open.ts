import { setTimeout as delay } from "node:timers/promises";
import { MongoClient } from "mongodb";
import type { Db } from "mongodb";
import type { ReadModels } from "#projections/ports.ts";
import type { Metrics, SystemStore } from "#reactions/ports.ts";
import { guardOf, guarded } from "./availability.ts";
import type { Guard } from "./availability.ts";
import { cautionFor } from "./caution.ts";
import { explain, reason } from "./errors.ts";
import { openMetrics } from "./metrics.ts";
import { openReadModels } from "./read-models.ts";
import { openSystemStore } from "./system-store.ts";
import { atOnce, inTurn } from "./turns.ts";

/** Everything that AgentHub keeps in MongoDB, over one pool of connections. */
export interface MongoStores {
  readonly readModels: ReadModels;
  /** In a database of its own, `<name>_system`, because it must survive a rebuild and be in every backup. */
  readonly system: SystemStore;
  readonly metrics: Metrics;
  /** What the operator must know of this server, in one line. */
  readonly caution: string | null;
  readonly close: () => Promise<void>;
}

const pingLimit = 2000;

/** Connects, checks that the server can be used, and answers the stores. The database is the URL's, or "agenthub". */
export async function openMongo(url: string): Promise<MongoStores> {
  const where = url.replace(/^(mongodb(?:\+srv)?:\/\/)(?:[^@/]*@)?([^?]*).*$/s, "$1$2");
  const name = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(url)?.[1] ?? "agenthub";
  const client = connectTo(url, where);
  const guard = guardOf(client);
  const readDb = client.db(decodeURIComponent(name));
  const systemDb = client.db(`${decodeURIComponent(name)}_system`);
  try {
    await client.connect();
    // A ping needs no rights; only a read shows whether the user has them.
    for (const db of [readDb, systemDb]) await db.collection("_collections").findOne({}, { hint: "_id_", projection: { _id: 1 } });
    const caution = await cautionFor(readDb);
    const health = (): Promise<{ ok: boolean; detail?: string }> => ping(readDb, guard);
    const close = (): Promise<void> => client.close();
    return {
      readModels: { ...guarded(guard, openReadModels(readDb, caution === null ? atOnce : inTurn())), health, close },
      system: { ...guarded(guard, await openSystemStore(systemDb)), health, close },
      metrics: guarded(guard, await openMetrics(readDb)),
      caution,
      close,
    };
  } catch (error) {
    // A server that stands still would be waited for once more.
    await Promise.race([client.close().catch(() => undefined), delay(pingLimit, undefined, { ref: false })]);
    throw explain(error, where, url);
  }
}

function connectTo(url: string, where: string): MongoClient {
  const unless = (option: string, value: number): Record<string, number> => (url.toLowerCase().includes(`${option.toLowerCase()}=`) ? {} : { [option]: value });
  try {
    return new MongoClient(url, {
      appName: "agenthub",
      ignoreUndefined: true,
      writeConcern: { w: "majority" },
      // Leases and checkpoints are compared with what was written last, whatever the URL wishes for.
      readPreference: "primary",
      // Without limits a call on a frozen server would wait for ever.
      heartbeatFrequencyMS: 2000,
      ...unless("serverSelectionTimeoutMS", 3000), ...unless("connectTimeoutMS", 5000), ...unless("socketTimeoutMS", 15_000),
    });
  } catch (error) {
    throw explain(error, where);
  }
}

async function ping(db: Db, guard: Guard): Promise<{ ok: boolean; detail?: string }> {
  const limit = new AbortController();
  const late = delay(pingLimit, { ok: false, detail: `no answer within ${pingLimit} ms` }, { signal: limit.signal, ref: false });
  late.catch(() => undefined);
  const answer = guard(() => db.command({ ping: 1 })).then(
    () => ({ ok: true }),
    (error: unknown) => ({ ok: false, detail: reason(error) }),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    limit.abort();
  }
}
