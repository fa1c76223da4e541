import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { openMongo } from "#infra/mongodb/open.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { type Answer, type As, type CallOptions, callerOf } from "./app.ts";
import { removeAll } from "./docker-cleanup.ts";
import { type Child, startChild } from "./processes.ts";
import { until } from "./until.ts";

/** The command line as a person starts it. */
export const cliProgram: string = fileURLToPath(new URL("../../bin/agenthub.mjs", import.meta.url));
/** What `npm start` runs. */
export const startProgram: string = fileURLToPath(new URL("../../src/app/main.ts", import.meta.url));

/** Settings by their environment names. */
export type Settings = Readonly<Record<string, string>>;

/** A server that answers. */
export interface ServerProcess extends Child {
  readonly url: string;
  readonly keys: Readonly<Record<As, string>>;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** The same, but anything above 299 is an error. */
  must(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

/** Whether a process that was started still runs. */
export const runs = ({ process: { exitCode, signalCode } }: Child): boolean => exitCode === null && signalCode === null;

/** A data folder of its own, and the servers that run on it. */
export interface Installation {
  readonly dir: string;
  /** Runs `agenthub serve`, or another program, and waits for nothing. */
  launch(settings?: Settings, args?: readonly string[]): Child;
  /** Runs a server on a free port and waits until it answers. */
  start(settings?: Settings, args?: readonly string[]): Promise<ServerProcess>;
  /** Ends every server, removes every container of the installation, and the folder. */
  close(): Promise<void>;
}

async function answering(child: Child, dir: string): Promise<ServerProcess> {
  let how: number | string | null = null;
  void child.ended.then((ended) => { how = ended; });
  const found = await until(() => /AgentHub is at (http:\S+)/.exec(child.said.out)?.[1] ?? (how === null ? null : "ended"), { timeout: 200_000, what: "the server's address" });
  if (found === "ended") throw new Error(`the server ended with ${String(how)}: ${child.said.errors.slice(-2_000)}`);
  const { admin_key, publisher_key, customer_key } = JSON.parse(readFileSync(join(dir, "credentials.json"), "utf8")) as Record<string, string>;
  const keys = { operator: admin_key ?? "", publisher: publisher_key ?? "", customer: customer_key ?? "" };
  const call = callerOf(found, keys);
  return {
    ...child, url: found, keys, call,
    async must(method, path, options) {
      const answer = await call(method, path, options);
      if (answer.status > 299) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer;
    },
  };
}

async function installationId(dir: string, { AGENTHUB_READ_MODELS: mongo }: Settings): Promise<string | null> {
  const file = join(dir, "system.db");
  if (mongo === undefined && !existsSync(file)) return null;
  const system = mongo === undefined ? openSqliteSystemStore(file) : (await openMongo(mongo)).system;
  try {
    const id = await system.get("installation", "id", Date.now());
    return typeof id === "string" ? id : null;
  } finally {
    await system.close();
  }
}

/** Makes an installation; `defaults` are settings of all its servers. */
export function openInstallation(defaults: Settings = {}): Installation {
  const dir = mkdtempSync(join(tmpdir(), "agenthub-e2e-"));
  const running = new Set<Child>();
  const own: Settings = {
    PORT: "0", AGENTHUB_DATA_DIR: dir, AGENTHUB_DOCKER: "off", AGENTHUB_LOG_LEVEL: "warn", AGENTHUB_RATE_LIMIT: "1000000", AGENTHUB_READ_PATIENCE: "30s", ...defaults,
  };
  const launch: Installation["launch"] = (settings = {}, args = [cliProgram, "serve"]) => {
    const child = startChild(args, { ...own, ...settings });
    running.add(child);
    void child.ended.then(() => running.delete(child));
    return child;
  };
  return {
    dir, launch,
    start: (settings, args) => answering(launch(settings, args), dir),
    async close() {
      await Promise.all([...running].map((child) => child.kill()));
      const { AGENTHUB_DOCKER: address = "off" } = own;
      const id = address === "off" ? null : await installationId(dir, own);
      if (id !== null) await removeAll(openDockerRuntime({ address, installation: id, reach: "loopback" }));
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
