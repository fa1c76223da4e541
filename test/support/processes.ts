import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { As } from "./app.ts";
import { until } from "./until.ts";

/** The command line as a person starts it. */
export const cliProgram: string = fileURLToPath(new URL("../../bin/agenthub.mjs", import.meta.url));
/** What `npm start` runs. */
export const startProgram: string = fileURLToPath(new URL("../../src/app/main.ts", import.meta.url));
const doubleProgram = fileURLToPath(new URL("esdb-double/main.ts", import.meta.url));

/** A process of ours that a test started. */
export interface Child {
  readonly process: ChildProcess;
  /** What it wrote so far. */
  readonly said: { out: string; errors: string };
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Asks it to stop and answers how it ended; one that does not is killed and answers `SIGKILL`. */
  stop(): Promise<number | string>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** A process that serves. */
export interface Serving extends Child {
  readonly url: string;
}

/** Settings by their environment names. */
export type Settings = Readonly<Record<string, string>>;

/** What every server of a test is started with: a free port, no engine, and no limit that a busy machine could meet. */
export const serverSettings: Settings = {
  PORT: "0", AGENTHUB_LOG_LEVEL: "warn", AGENTHUB_DOCKER: "off", AGENTHUB_RATE_LIMIT: "1000000", AGENTHUB_READ_PATIENCE: "30s",
};

const running = new Set<Child>();

/** Starts a program of this checkout. */
export function startChild(args: readonly string[], env: Settings = {}): Child {
  // Only what is named: a developer's own settings must not reach it.
  const process_ = spawn(process.execPath, [...args], { env: { PATH: process.env["PATH"] ?? "", ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", errors: "" };
  process_.stdout.setEncoding("utf8").on("data", (text: string) => { said.out += text; });
  process_.stderr.setEncoding("utf8").on("data", (text: string) => { said.errors += text; });
  const ended = new Promise<number | string>((resolve) => { process_.once("close", (code, signal) => resolve(code ?? signal ?? "unknown")); });
  const child: Child = {
    process: process_, said, ended,
    async stop() {
      process_.kill("SIGTERM");
      const late = setTimeout(() => process_.kill("SIGKILL"), 45_000);
      try {
        return await ended;
      } finally {
        clearTimeout(late);
      }
    },
    async kill() {
      process_.kill("SIGKILL");
      await ended;
    },
  };
  running.add(child);
  void ended.then(() => running.delete(child));
  return child;
}

async function said(child: Child, pattern: RegExp, what: string): Promise<string> {
  let how: number | string | undefined;
  void child.ended.then((ended) => { how = ended; });
  const found = await until(() => pattern.exec(child.said.out)?.[1] ?? (how === undefined ? "" : "ended"), { timeout: 200_000, what });
  if (found === "ended") throw new Error(`${what} ended with ${String(how)}: ${child.said.errors.slice(-2_000)}`);
  return found;
}

/** Waits until a server answers; its address. */
export const addressOf = (server: Child): Promise<string> => said(server, /AgentHub is at (http:\S+)/, "the server's address");

/** The keys of the first accounts, as a server has written them into its data folder. */
export function keysIn(dir: string): Readonly<Record<As, string>> {
  const { admin_key, publisher_key, customer_key } = JSON.parse(readFileSync(join(dir, "credentials.json"), "utf8")) as Record<string, string>;
  return { operator: admin_key ?? "", publisher: publisher_key ?? "", customer: customer_key ?? "" };
}

/** `agenthub serve` as a process of its own, on a free port. */
export async function startServing(env: Settings): Promise<Serving> {
  const child = startChild([cliProgram, "serve"], { ...serverSettings, ...env });
  return { ...child, url: await addressOf(child) };
}

/** The double of EventStoreDB as a process of its own; answers its connection string. */
export async function startEsdbProcess(args: readonly string[] = []): Promise<Serving> {
  const child = startChild([doubleProgram, ...args]);
  const port = await said(child, /listening on 127\.0\.0\.1:(\d+)/, "the double of EventStoreDB");
  return { ...child, url: `esdb://127.0.0.1:${port}?tls=false` };
}

/** Runs one command line to its end. */
export async function runCommand(args: readonly string[], env: Settings): Promise<{ code: number | string; out: string; errors: string }> {
  const child = startChild([cliProgram, ...args], env);
  return { code: await child.ended, ...child.said };
}

/** Ends every process that a test left. */
export async function killChildren(): Promise<void> {
  await Promise.all([...running].map((child) => child.kill()));
}
