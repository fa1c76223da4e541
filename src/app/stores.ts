import { mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { EventStore } from "#commands/ports.ts";
import { entriesFirst } from "#infra/entries-first.ts";
import { openEventStoreDb } from "#infra/eventstoredb/open.ts";
import { openMongo } from "#infra/mongodb/open.ts";
import { type EmbeddedEventStore, openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteMetrics } from "#infra/sqlite/metrics.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import type { ReadModels } from "#projections/ports.ts";
import type { Metrics, SystemStore } from "#reactions/ports.ts";
import { type Config, ConfigError } from "./config.ts";

/** Everything that the application keeps. */
export interface Stores {
  readonly events: EventStore;
  readonly readModels: ReadModels;
  readonly system: SystemStore;
  readonly metrics: Metrics;
  /** What the operator must know of them, in one line. */
  readonly caution?: string | null;
  /** Closes all of them; each once, a failure of one does not keep the others open. */
  close(): Promise<void>;
}

/** The folder in memory: for tests and the simulation. */
export const memory = ":memory:";

const place = (dir: string, file: string): string => (dir === memory ? memory : join(dir, file));

const keepsEntries = (events: EventStore): events is EmbeddedEventStore => "entries" in events;

/** Everything but the event store, and that store once entries that come with events have their place. */
async function openBeside(config: Config, events: EventStore): Promise<Stores> {
  if (config.AGENTHUB_READ_MODELS.startsWith("mongodb")) {
    const mongo = await openMongo(config.AGENTHUB_READ_MODELS);
    if (mongo.caution !== null && new Set(config.AGENTHUB_ROLES).size < 2) {
      await mongo.close();
      throw new ConfigError(`AGENTHUB_ROLES: a process of one role needs stores that others share. ${mongo.caution}`);
    }
    return { caution: mongo.caution, events: entriesFirst(events, mongo.system), readModels: mongo.readModels, system: mongo.system, metrics: mongo.metrics, close: () => mongo.close() };
  }
  const dir = config.AGENTHUB_DATA_DIR;
  const readModels = openSqliteReadModels(place(dir, "read-models.db"));
  const system = openSqliteSystemStore(place(dir, "system.db"), keepsEntries(events) ? events.entries : undefined);
  const metrics = openSqliteMetrics(place(dir, "metrics.db"));
  const close = async () => { await Promise.allSettled([readModels.close(), system.close(), metrics.close()]); };
  return { events: keepsEntries(events) ? events : entriesFirst(events, system), readModels, system, metrics, close };
}

const openEvents = (config: Config): Promise<EventStore> =>
  config.AGENTHUB_EVENT_STORE.startsWith("sqlite:") ? openSqliteEventStore(place(config.AGENTHUB_DATA_DIR, "events.db")) : openEventStoreDb(config.AGENTHUB_EVENT_STORE);

/** Opens the stores that the configuration names. The event store comes first: it tells whether the folder is in use. */
export async function openStores(config: Config): Promise<Stores> {
  if (config.AGENTHUB_DATA_DIR !== memory) makeFolder(config.AGENTHUB_DATA_DIR);
  const events = await openEvents(config);
  try {
    const stores = await openBeside(config, events);
    return { ...stores, close: async () => { await Promise.allSettled([events.close(), stores.close()]); } };
  } catch (error) {
    await events.close();
    throw error;
  }
}

// Not by mkdir's own recursion, which tries for ever where a parent is there and takes no folders, as /proc.
function makeWithParents(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(dir) !== dir) makeWithParents(dirname(dir));
  mkdirSync(dir, { mode: 0o700 });
}

function makeFolder(dir: string): void {
  try {
    makeWithParents(resolve(dir));
  } catch (cause) {
    throw new ConfigError(`AGENTHUB_DATA_DIR: ${dir} cannot be made or written (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}
