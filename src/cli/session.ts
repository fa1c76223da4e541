import { existsSync } from "node:fs";
import { AgentHubClient } from "#client/client.ts";
import { isProblem } from "#client/problem.ts";
import type { Application, RunningApplication } from "./application.ts";
import { CliError, exitCodes } from "./exit.ts";
import type { Io } from "./io.ts";
import { Output } from "./output.ts";
import { progress } from "./progress.ts";
import { dataDir, type GlobalFlags, keyFor, type KeyRole, resolveTarget, type Target } from "./settings.ts";

/** What a verb works with. */
export interface Session<Flags> {
  readonly client: AgentHubClient;
  readonly flags: Flags & GlobalFlags;
  readonly io: Io;
  readonly out: Output;
  /** Shows what is waited for when it takes long. */
  readonly wait: <T>(label: string, work: (say: (label: string) => void) => Promise<T>) => Promise<T>;
}

async function answers(server: string, signal: AbortSignal): Promise<boolean> {
  const probe = new AgentHubClient({ server, retries: 0, signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) });
  try {
    await probe.alive();
    return true;
  } catch (error) {
    if (isProblem(error) && error.status === 0) return false;
    if (isProblem(error)) throw new CliError(exitCodes.unavailable, `what answers at ${server} is not AgentHub (HTTP ${error.status})`, { hint: "Name the server by --server, or choose another port by PORT.", cause: error });
    throw error;
  }
}

// Someone who only looks around gets no new data folder for it.
async function startHere(io: Io, application: Application, look: string, creates: boolean): Promise<RunningApplication> {
  const dir = dataDir(io);
  if (!creates && !existsSync(dir))
    throw new CliError(exitCodes.unavailable, `no server answers at ${look}, and there is no data folder at ${dir}`, {
      hint: "Start one with `agenthub serve`, or name one by --server or AGENTHUB_SERVER.",
    });
  try {
    return await progress(io, "Starting AgentHub in this process", () =>
      application.start({ AGENTHUB_LOG_LEVEL: "error", ...io.env, HOST: "127.0.0.1", PORT: "0", AGENTHUB_DATA_DIR: dir }));
  } catch (error) {
    throw new CliError(exitCodes.unavailable, `no server answers at ${look}, and none could be started over ${dir}: ${(error as Error).message}`, {
      hint: "If another process serves this folder, name its address by --server.", cause: error,
    });
  }
}

/** Opens a session for a role, lets the work run, and stops the server if it had to be started here. */
export async function withSession<Flags>(
  setting: { io: Io; application: Application; role: KeyRole; creates: boolean }, flags: Flags & GlobalFlags,
  work: (session: Session<Flags>) => Promise<number | void>,
): Promise<number> {
  const { io, application, role, creates } = setting;
  const target: Target = resolveTarget(io, flags, role);
  const found = target.server !== undefined || await answers(target.look, io.signal);
  const own = found ? undefined : await startHere(io, application, target.look, creates);
  try {
    let label: ((text: string) => void) | undefined;
    const client = new AgentHubClient({
      server: own?.url ?? target.server ?? target.look,
      apiKey: target.apiKey ?? (own === undefined ? undefined : keyFor(role, own.credentials)),
      signal: io.signal,
      onRetry: (problem) => label?.(`${problem.title}, trying again`),
    });
    const session: Session<Flags> = {
      client, flags, io, out: new Output(io, flags.json === true),
      wait: (text, job) => progress(io, text, (say) => { label = say; return job(say); }),
    };
    return (await work(session)) ?? exitCodes.ok;
  } finally {
    await own?.close();
  }
}
