import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

const command = fileURLToPath(new URL("../../bin/agenthub.mjs", import.meta.url));
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

const running = new Set<Child>();

/** Starts a program of this checkout. */
export function startChild(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
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
  const found = await until(() => pattern.exec(child.said.out)?.[1] ?? (how === undefined ? "" : "ended"), { timeout: 100_000, what });
  if (found === "ended") throw new Error(`${what} ended with ${String(how)}: ${child.said.errors}`);
  return found;
}

/** `agenthub serve` as a process of its own, on a free port. */
export async function startServing(env: Readonly<Record<string, string>>): Promise<Serving> {
  const child = startChild([command, "serve"], { PORT: "0", AGENTHUB_LOG_LEVEL: "warn", AGENTHUB_DOCKER: "off", AGENTHUB_RATE_LIMIT: "1000000", AGENTHUB_READ_PATIENCE: "30s", ...env });
  const url = await said(child, /AgentHub is at (http:\S+)/, "agenthub serve");
  return { ...child, url };
}

/** The double of EventStoreDB as a process of its own; answers its connection string. */
export async function startEsdbProcess(args: readonly string[] = []): Promise<Child & { readonly url: string }> {
  const child = startChild([doubleProgram, ...args]);
  const port = await said(child, /listening on 127\.0\.0\.1:(\d+)/, "the double of EventStoreDB");
  return { ...child, url: `esdb://127.0.0.1:${port}?tls=false` };
}

/** Runs one command line to its end. */
export async function runCommand(args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ code: number | string; out: string; errors: string }> {
  const child = startChild([command, ...args], env);
  return { code: await child.ended, ...child.said };
}

/** Ends every process that a test left. */
export async function killChildren(): Promise<void> {
  await Promise.all([...running].map((child) => child.kill()));
}
