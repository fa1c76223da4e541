import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { openMongo } from "#infra/mongodb/open.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import type { As, CallOptions, Answer } from "./app.ts";
import { removeAll } from "./docker-cleanup.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The command line as a person starts it. */
export const cliProgram: string = join(root, "bin/agenthub.mjs");
/** What `npm start` runs. */
export const startProgram: string = join(root, "src/app/main.ts");

/** Settings by their environment names. */
export type Settings = Readonly<Record<string, string>>;

/** A process that was started, whatever becomes of it. */
export interface Launched {
  readonly pid: number;
  readonly out: () => string;
  readonly err: () => string;
  /** The exit code; null after a signal. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** A server that answers. */
export interface ServerProcess extends Launched {
  readonly url: string;
  readonly keys: Readonly<Record<As, string>>;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** The same, but anything above 299 is an error. */
  must(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Ends it as a crash of the machine would. */
  crash(): Promise<void>;
  /** Ends it as an operator would, and gives the exit code. */
  stop(): Promise<number | null>;
}

/** A data folder of its own, and the servers that run on it. */
export interface Installation {
  readonly dir: string;
  /** Runs `agenthub serve`, or another program, and waits for nothing. */
  launch(settings?: Settings, args?: readonly string[]): Launched;
  /** Runs a server on a free port and waits until it answers. */
  start(settings?: Settings, args?: readonly string[]): Promise<ServerProcess>;
  /** Ends every server, removes every container of the installation, and the folder. */
  close(): Promise<void>;
}

// Settings of the machine that runs the tests are none of the server's.
const surroundings = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AGENTHUB_|HOST$|PORT$|NO_COLOR$|FORCE_COLOR$)/.test(name)));

function watch(child: ChildProcess): Launched {
  let [out, err] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => { out += text; });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => { err += text; });
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { pid: child.pid ?? 0, out: () => out, err: () => err, ended, kill: (signal) => void child.kill(signal) };
}

/** Starts a program of the package with an environment of its own, in a folder. */
export function launch(cwd: string, args: readonly string[], settings: Settings = {}): Launched {
  return watch(spawn(process.execPath, args, { cwd, env: { ...surroundings(), ...settings }, stdio: ["ignore", "pipe", "pipe"] }));
}

/** Calls of a server with the keys of its first accounts. */
export function callerOf(url: string, keys: Readonly<Record<As, string>>): Pick<ServerProcess, "call" | "must"> {
  const call: ServerProcess["call"] = async (method, path, { as = "customer", key = keys[as], body, headers = {} } = {}) => {
    const response = await fetch(url + path, {
      method, headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get("content-type") ?? "") && text !== "";
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  return {
    call,
    async must(method, path, options) {
      const answer = await call(method, path, options);
      if (answer.status > 299) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer;
    },
  };
}

async function answering(process: Launched, dir: string): Promise<ServerProcess> {
  const url = await new Promise<string>((resolve, reject) => {
    const look = setInterval(() => {
      const found = /AgentHub is at (http:\S+)/.exec(process.out())?.[1];
      if (found !== undefined) finish(() => resolve(found));
    }, 10);
    const finish = (settle: () => void) => { clearInterval(look); settle(); };
    void process.ended.then((code) => finish(() => reject(new Error(`the server ended with ${code} before it answered: ${process.err().slice(-2_000)}`))));
  });
  const { admin_key, publisher_key, customer_key } = JSON.parse(readFileSync(join(dir, "credentials.json"), "utf8")) as Record<string, string>;
  const keys = { operator: admin_key ?? "", publisher: publisher_key ?? "", customer: customer_key ?? "" };
  return {
    ...process, ...callerOf(url, keys), url, keys,
    crash: async () => { process.kill("SIGKILL"); await process.ended; },
    stop: async () => { process.kill("SIGTERM"); return await process.ended; },
  };
}

async function installationId(dir: string, { AGENTHUB_READ_MODELS: mongo }: Settings): Promise<string | null> {
  const file = join(dir, "system.db");
  if (mongo === undefined && !existsSync(file)) return null;
  const system = mongo === undefined ? openSqliteSystemStore(file) : (await openMongo(mongo)).system;
  try {
    const id = await system.get("installation", "id", Date.now());
    return id === null ? null : String(id);
  } finally {
    await system.close();
  }
}

/** Makes an installation; `defaults` are settings of all its servers. */
export function openInstallation(defaults: Settings = {}): Installation {
  const dir = mkdtempSync(join(tmpdir(), "agenthub-e2e-"));
  const running = new Set<Launched>();
  const own: Settings = { PORT: "0", AGENTHUB_DATA_DIR: dir, AGENTHUB_DOCKER: "off", AGENTHUB_LOG_LEVEL: "warn", AGENTHUB_RATE_LIMIT: "1000000", AGENTHUB_READ_PATIENCE: "30s", ...defaults };
  const run = (settings: Settings = {}, args: readonly string[] = [cliProgram, "serve"]): Launched => {
    const started = launch(dir, args, { ...own, ...settings });
    running.add(started);
    void started.ended.then(() => running.delete(started));
    return started;
  };
  return {
    dir, launch: run,
    start: (settings, args) => answering(run(settings, args), dir),
    async close() {
      const last = [...running];
      for (const each of last) each.kill("SIGKILL");
      await Promise.all(last.map(({ ended }) => ended));
      const { AGENTHUB_DOCKER: address = "off" } = own;
      const id = address === "off" ? null : await installationId(dir, own);
      if (id !== null) await removeAll(openDockerRuntime({ address, installation: id, reach: "loopback" }));
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
