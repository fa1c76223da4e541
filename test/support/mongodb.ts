import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MongoClient } from "mongodb";
import { cautionFor } from "#infra/mongodb/caution.ts";

const program = fileURLToPath(new URL("../../.cache/secantusdb/bin/secantusd-py", import.meta.url));
const installation = "python3 -m venv .cache/secantusdb && .cache/secantusdb/bin/pip install -q secantusdb==0.7.0b3";

/** A running stand-in for MongoDB (SecantusDB: MongoDB's protocol over MongoDB's storage engine). */
export interface MongoStandIn {
  readonly port: number;
  /** The URL of a database on it. */
  url(database: string, credentials?: string): string;
  /** Ends it at once, as a crash would; a given folder keeps its data. */
  kill(): Promise<void>;
}

/** Where and how a stand-in runs; a crash test starts it again on the same folder and port. */
export interface MongoStandInOptions {
  /** Absent: in memory. */
  readonly folder?: string;
  readonly port?: number;
  readonly auth?: boolean;
}

/** A server for a test file: a real one that AGENTHUB_TEST_MONGODB names, else a stand-in of its own. */
export interface TestMongo {
  /** The URL of a new database, dropped at the end. */
  database(): string;
  close(): Promise<void>;
}

/** Whether tests on MongoDB can run; where they cannot, a line says what is left out, and in CI it is a failure. */
export function mongoAvailable(what: string, { standIn = false } = {}): boolean {
  if (existsSync(program) || (!standIn && serverUrl() !== undefined)) return true;
  if (process.env["CI"] && serverUrl() === undefined) throw new Error(`There is no server for ${what}. Install the stand-in: ${installation}`);
  process.stderr.write(`Left out: ${what}. Name a server in AGENTHUB_TEST_MONGODB or install the stand-in: ${installation}\n`);
  return false;
}

/** Starts the stand-in and waits until it listens. */
export async function startMongoStandIn({ folder, port = 0, auth = false }: MongoStandInOptions = {}): Promise<MongoStandIn> {
  const run = mkdtempSync(join(tmpdir(), "agenthub-mongo-"));
  // A folder is there to outlive a crash: without the flag only some of what was acknowledged does.
  const lasting = folder === undefined ? [] : ["--sync-on-commit"];
  const args = ["--host", "127.0.0.1", "--port", String(port), "--storage-path", folder ?? ":memory:", "--enable-test-commands", ...lasting, ...(auth ? ["--auth"] : [])];
  // It loads a configuration that lies in its folder, so it gets an empty one.
  const child = spawn(program, args, { cwd: run, env: { ...process.env, TMPDIR: run, HOME: run }, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    rmSync(run, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const listening = new Promise<number>((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-10_000);
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(said);
      if (found !== null) resolve(Number(found[1]));
    });
    child.once("error", reject);
    void ended.then(() => reject(new Error(`The stand-in for MongoDB ended: ${said}`)));
  });
  const actual = await listening.catch(async (error: unknown) => {
    await kill();
    throw error;
  });
  return {
    port: actual,
    url: (database, credentials) => `mongodb://${credentials === undefined ? "" : `${credentials}@`}127.0.0.1:${actual}/${database}?directConnection=true&serverSelectionTimeoutMS=20000`,
    kill,
  };
}

/** The server for one test file; for `several` processes the stand-in, where the named one is not good for that. */
export async function startTestMongo({ several = false } = {}): Promise<TestMongo> {
  const named = serverUrl();
  const server = several && named !== undefined && existsSync(program) && await isForOne(named) ? undefined : named;
  const names: string[] = [];
  const nextName = (): string => {
    const name = `agenthub_test_${randomBytes(6).toString("hex")}`;
    names.push(name);
    return name;
  };
  if (server === undefined) {
    const standIn = await startMongoStandIn();
    return { database: () => standIn.url(nextName()), close: () => standIn.kill() };
  }
  return {
    database: () => databaseOn(server, nextName()),
    async close() {
      const client = await MongoClient.connect(server);
      for (const name of names) for (const each of [name, `${name}_system`]) await client.db(each).dropDatabase().catch(leftBehind(each));
      await client.close();
    },
  };
}

/** Another database of a server, for the same user: without a word on it, a user is looked for in the database that a URL names. */
export function databaseOn(server: string, name: string): string {
  const [, start = server, own = "", query = ""] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(server) ?? [];
  const users = start.includes("@") && !/(^|&)auth(Source|Mechanism)=/i.test(query) ? `authSource=${own === "" ? "admin" : own}` : "";
  const options = [query, users].filter((each) => each !== "").join("&");
  return `${start}/${name}${options === "" ? "" : `?${options}`}`;
}

async function isForOne(server: string): Promise<boolean> {
  const client = await MongoClient.connect(server);
  const caution = await cautionFor(client.db()).finally(() => client.close());
  if (caution !== null) process.stderr.write(`Several processes run on the stand-in: ${caution}\n`);
  return caution !== null;
}

/** What a server cannot tidy away says nothing about what was tested. */
function leftBehind(database: string): (error: unknown) => void {
  return (error) => void process.stderr.write(`The database ${database} stays behind: ${String(error)}\n`);
}

function serverUrl(): string | undefined {
  return process.env["AGENTHUB_TEST_MONGODB"] || undefined;
}
