import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of a bench with what it said first. */
export interface Started<T> {
  readonly said: T;
  readonly stop: () => Promise<void>;
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Starts one of the programs in `bench/processes` and waits for what it has to say. */
export async function startProcess<T>(name: string, options: { args?: readonly string[]; env?: Readonly<Record<string, string>>; flags?: readonly string[] } = {}): Promise<Started<T>> {
  const child = fork(fileURLToPath(new URL(`../processes/${name}.ts`, import.meta.url)), [...options.args ?? []], {
    env: { ...process.env, ...options.env }, execArgv: [...options.flags ?? []], stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exit = once(child, "exit");
  const said = await Promise.race([
    once(child, "message").then(([message]) => message as T),
    exit.then(([code]) => { throw new Error(`${name} ended with ${code} and said nothing`); }),
  ]);
  return {
    said,
    async stop() {
      if (!ended(child)) child.kill("SIGTERM");
      await exit;
    },
  };
}
