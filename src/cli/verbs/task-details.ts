import { setTimeout as delay } from "node:timers/promises";
import type { Verb } from "../cli.ts";
import { CliError, exitCodes } from "../exit.ts";
import { whole } from "../option-values.ts";
import { taskDetails as words } from "../show-instance.ts";

const open = (status: string) => status === "pending" || status === "running";

/** `agenthub task-details`: a task and its result. */
export const taskDetails: Verb = (cli) => {
  cli.verb("task-details", "Show a task and its result, which is kept for 24 hours", "agenthub task-details task-20260131-0199f3c2 --wait 60")
    .argument("<task>", "the task's id")
    .option("--wait <seconds>", "wait so long for its end", whole(1, 3600))
    .action(cli.as<{ wait?: number }>("customer", async ({ client, flags, io, out, wait }, id = "") => {
      const deadline = performance.now() + (flags.wait ?? 0) * 1000;
      const task = await wait("Waiting for the task", async () => {
        let seen = await client.getTask(id);
        while (open(seen.status) && performance.now() < deadline) {
          await delay(500, undefined, { signal: io.signal });
          seen = await client.getTask(id);
        }
        return seen;
      });
      out.show(task, () => words(task, out));
      if (flags.wait !== undefined && open(task.status)) throw new CliError(exitCodes.unavailable, `${id} is still ${task.status} after ${flags.wait} s`);
      return open(task.status) || task.status === "completed" ? exitCodes.ok : exitCodes.failed;
    }));
};
