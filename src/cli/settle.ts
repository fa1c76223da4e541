import { setTimeout as delay } from "node:timers/promises";
import type { AgentHubClient } from "#client/client.ts";
import type { Instance } from "#client/schema.ts";
import { CliError, exitCodes } from "./exit.ts";

const passing = new Set(["starting", "pausing", "resuming", "stopping", "restarting"]);

/** Whether an instance is on its way from one status to another. */
const isPassing = ({ status }: Instance): boolean => passing.has(status);

/** What a wait needs. */
export interface Settling {
  readonly client: AgentHubClient; readonly signal: AbortSignal; readonly say: (label: string) => void;
  /** Seconds. */
  readonly within: number; readonly every?: number;
}

function label(instance: Instance): string {
  const { status, pull_progress: pull } = instance;
  return pull === undefined ? `Instance is ${status}` : `Pulling ${pull.image} (${pull.percent.toFixed(0)}%)`;
}

/** Follows an instance until it has arrived somewhere; too late is a failure that says how to look again. */
export async function settle(instance: Instance, { client, signal, say, within, every = 500 }: Settling): Promise<Instance> {
  const deadline = performance.now() + within * 1000;
  let last = instance;
  while (isPassing(last)) {
    if (performance.now() >= deadline)
      throw new CliError(exitCodes.unavailable, `${last.instance_id} is still ${last.status} after ${within} s; it goes on`, {
        hint: `Look again with \`agenthub instance-details ${last.instance_id}\`, or watch it with \`agenthub instance-watch ${last.instance_id}\`.`,
      });
    say(label(last));
    await delay(every, undefined, { signal });
    last = await client.getInstance(last.instance_id);
  }
  return last;
}

/** The exit code that an instance's status stands for. */
export const codeOfStatus = (status: string): number => (status === "failed" || status === "rejected" ? exitCodes.failed : exitCodes.ok);
