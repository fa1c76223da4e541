import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** An agent that runs as a process of this machine. */
export type AgentProcess = { readonly address: string; stop(): Promise<number | null> };

/** Starts an agent on a free port, which it names in its first line. */
export async function startAgentProcess(command: string, script: string, env: Record<string, string> = {}): Promise<AgentProcess> {
  const child = spawn(command, [script], { env: { ...process.env, AGENTHUB_AGENT_PORT: "0", ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit") as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout });
  const port = await Promise.race([
    once(lines, "line").then(([line]) => /(\d+)$/.exec(String(line))?.[1]),
    ended.then(([code]) => { throw new Error(`${script} ended with ${code} before it listened`); }),
  ]);
  return {
    address: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGTERM");
      const [code] = await ended;
      lines.close();
      return code;
    },
  };
}
