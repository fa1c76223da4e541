import type { Verb } from "../cli.ts";
import { taskDetails } from "../show-instance.ts";

/** `agenthub task-cancel`: cancels a task; a cancelled one costs nothing. */
export const taskCancel: Verb = (cli) => {
  cli.verb("task-cancel", "Cancel a task; it then costs nothing", "agenthub task-cancel task-20260131-0199f3c2")
    .argument("<task>", "the task's id")
    .action(cli.as("customer", async ({ client, out, wait }, id = "") => {
      const task = await wait("Cancelling the task", () => client.cancelTask(id));
      out.show(task, () => taskDetails(task, out));
    }));
};
