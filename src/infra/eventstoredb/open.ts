import { EventStoreDBClient } from "@eventstore/db-client";
import { type EventStore, Unavailable } from "#commands/ports.ts";
import { EventStoreMisconfigured, hardened, serversOf } from "./connection.ts";
import { EventStoreDb } from "./event-store.ts";
import { guardAppends } from "./guard.ts";

/** Waiting times; the defaults suit a server. */
export interface EventStoreDbOptions {
  /** For one answer. */
  readonly attemptMs?: number;
  /** For all attempts of one call. */
  readonly budgetMs?: number;
  /** After which a silent subscription is checked. */
  readonly silenceMs?: number;
}

/** The client keeps its appends in a table of the module: a second one beside it would have its appends failed. */
let inUse = false;

/** The event store on EventStoreDB or KurrentDB; one per process. */
export async function openEventStoreDb(connectionString: string, options: EventStoreDbOptions = {}): Promise<EventStore> {
  const { attemptMs = 5_000, budgetMs = 15_000, silenceMs = 5_000 } = options;
  if (inUse) throw new Error("this process has an EventStoreDB client already");
  const client = connect(connectionString);
  const guard = guardAppends(client);
  inUse = true;
  const store = new EventStoreDb(client, guard, { attemptMs, budgetMs }, silenceMs, () => {
    inUse = false;
  });
  try {
    await store.identify();
    return store;
  } catch (error) {
    await store.close();
    if (!(error instanceof Unavailable)) throw error;
    throw new Unavailable(`${error.message} (${serversOf(connectionString)})`, { cause: error });
  }
}

function connect(connectionString: string): EventStoreDBClient {
  const hard = hardened(connectionString);
  try {
    return discreetly(() => EventStoreDBClient.connectionString(hard));
  } catch (error) {
    const [line] = String((error as Error).message).split("\n");
    throw new EventStoreMisconfigured(`the EventStoreDB connection string is not understood: ${line}`);
  }
}

// What the client warns of while it reads the string is followed by all of the string, password included.
function discreetly<T>(work: () => T): T {
  const out: Pick<Console, "warn"> = globalThis.console;
  const { warn } = out;
  out.warn = (text: unknown) => void process.stderr.write(`agenthub: the EventStoreDB connection string: ${String(text).split("\n")[0] ?? ""}\n`);
  try {
    return work();
  } finally {
    out.warn = warn;
  }
}
