import { once } from "node:events";
import { join } from "node:path";
import { readConfig, unknownSettings } from "./config.ts";
import type { Environment } from "./environment.ts";
import { type Started, start } from "./start.ts";

const patienceMs = 30_000;
const leftoversMs = 5_000;

async function stopSignal(): Promise<string> {
  const signals = ["SIGTERM", "SIGINT"] as const;
  return await Promise.race(signals.map(async (signal) => { await once(process, signal); return signal; }));
}

/** One clear line for a person who cannot start the server, instead of a stack. */
function explain(error: unknown): string {
  const { code, message, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code === "EADDRINUSE") return `port ${port} on ${address} is in use; choose another with PORT or --port`;
  if (code === "EACCES") return `port ${port} on ${address} may not be used by this user; choose one above 1023`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `HOST: ${address ?? "the address"} is none of this machine`;
  if (code === "ENOSPC" || /database or disk is full/.test(message)) return `AGENTHUB_DATA_DIR: its disk is full (${message})`;
  return message;
}

/** Serves until the process is told to stop, then comes to an orderly end. Tells about the start through `onStarted`. */
export async function serve(environment: Environment, onStarted: (started: Started) => Promise<void> | void = (started) => announce(started, environment)): Promise<void> {
  for (const name of unknownSettings(environment)) process.stderr.write(`agenthub: ${name} is no setting of AgentHub and does nothing; see agenthub serve --help\n`);
  const stopping = stopSignal();
  let started: Started;
  try {
    started = await start(environment);
  } catch (error) {
    process.stderr.write(`agenthub: ${explain(error)}\n`);
    process.exitCode = 1;
    // A start that failed may have left behind what does not end by itself, such as a connection to a server that stands still.
    setTimeout(() => process.exit(1), leftoversMs).unref();
    return;
  }
  await onStarted(started);
  // The event loop must not run dry while everything waits on sockets and unreferenced timers.
  const alive = setInterval(() => undefined, 2 ** 30);
  await stopping;
  const forced = setTimeout(() => process.exit(1), patienceMs);
  forced.unref();
  await started.close();
  clearInterval(alive);
  clearTimeout(forced);
}

function announce({ url }: Started, environment: Environment): void {
  const keys = join(readConfig(environment).AGENTHUB_DATA_DIR, "credentials.json");
  process.stdout.write(`AgentHub is at ${url}\nThe first keys of an operator, a publisher and a customer are in ${keys}\n`);
}
