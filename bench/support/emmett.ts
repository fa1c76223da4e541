import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** An event as the peer hands it to a projection. */
export interface PeerEvent {
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly messageId: string; readonly streamName: string; readonly streamPosition: bigint; readonly globalPosition: bigint;
  };
}

interface PeerDocument {
  readonly _id: string;
  readonly _version: bigint;
  readonly [field: string]: unknown;
}


interface PongoClient {
  db(): {
    collection(name: string, options?: { schema: { autoMigration: "None" } }): {
      createCollection(): Promise<unknown>;
      find(): Promise<PeerDocument[]>;
      handle(id: string, change: (document: PeerDocument | null) => object | null): Promise<unknown>;
    };
  };
  close(): Promise<void>;
}

/** What the bench uses of `@event-driven-io/emmett-postgresql`. */
interface EmmettPostgres {
  getPostgreSQLEventStore(url: string, options?: { connectionOptions: { pool: object } }): {
    readonly schema: { migrate(): Promise<unknown> };
    appendToStream(stream: string, events: readonly { type: string; data: unknown; metadata: object }[], options: { expectedStreamVersion: bigint }): Promise<unknown>;
    close(): Promise<void>;
  };
  postgreSQLEventStoreConsumer(options: {
    connectionString: string; stopWhen: { noMessagesLeft: true }; pulling: { batchSize?: number; pullingFrequencyInMs: number };
  }): { projector(options: { processorId: string; projection: object }): unknown; start(): Promise<void>; close(): Promise<void> };
  pongoProjection(options: {
    name: string; canHandle: readonly string[]; handle: (events: readonly PeerEvent[], context: { pongo: PongoClient }) => Promise<void>;
  }): object;
}

/** The peer with its document database, its connections and its driver. */
export interface Emmett {
  readonly postgres: EmmettPostgres;
  readonly pongo: { pongoClient(url: string): PongoClient };
  readonly dumbo: { endAllPools(): Promise<unknown> };
  readonly pg: { readonly Pool: new (options: { connectionString: string; max: number }) => { end(): Promise<void> } };
}

// Its authors have published it without a licence so far. So nothing here depends on it, and only who asks for this bench gets it.
const versions = {
  "@event-driven-io/emmett-postgresql": "0.42.0", "@event-driven-io/emmett": "0.42.0", "@event-driven-io/pongo": "0.16.11",
  "@event-driven-io/dumbo": "0.12.7", pg: "8.23.1",
};
const folder = fileURLToPath(new URL("../../.cache/emmett", import.meta.url));

async function install(): Promise<void> {
  if (existsSync(join(folder, "node_modules", ".package-lock.json"))) return;
  console.error(`peer: fetching ${Object.entries(versions).map(([name, version]) => `${name}@${version}`).join(", ")} into .cache/emmett`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
  await promisify(execFile)("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, shell: process.platform === "win32" });
}

/** The peer, fetched once into `.cache`. */
export async function loadEmmett(): Promise<Emmett> {
  await install();
  const { resolve } = createRequire(join(folder, "package.json"));
  const load = async <T>(name: string): Promise<T> => await import(pathToFileURL(resolve(name)).href) as T;
  return {
    postgres: await load("@event-driven-io/emmett-postgresql"),
    pongo: await load("@event-driven-io/pongo"),
    dumbo: await load("@event-driven-io/dumbo"),
    pg: (await load<{ default: Emmett["pg"] }>("pg")).default,
  };
}
