import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { openMongo } from "#infra/mongodb/open.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { type Answer, type As, type CallOptions, callerOf } from "./app.ts";
import { removeAll } from "./docker-cleanup.ts";
import { addressOf, type Child, cliProgram, keysIn, serverSettings, type Serving, type Settings, startChild } from "./processes.ts";

/** A server that answers. */
export interface ServerProcess extends Serving {
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
  const url = await addressOf(child);
  const keys = keysIn(dir);
  const call = callerOf(url, keys);
  return {
    ...child, url, keys, call,
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
  const own: Settings = { ...serverSettings, AGENTHUB_DATA_DIR: dir, ...defaults };
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
