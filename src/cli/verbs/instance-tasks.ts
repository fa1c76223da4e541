import type { Verb } from "../cli.ts";
import { type PagingFlags, pagingOptions, tellMore } from "../paging.ts";
import { taskColumns } from "../show-instance.ts";

/** `agenthub instance-tasks`: the tasks that an instance was given. */
export const instanceTasks: Verb = (cli) => {
  pagingOptions(cli.verb("instance-tasks", "List an instance's tasks", "agenthub instance-tasks instance-67890").argument("<instance>", "the instance's id"))
    .action(cli.as<PagingFlags>("customer", async ({ client, flags, out, wait }, id = "") => {
      const page = await wait("Listing tasks", () => client.instanceTasks(id, { limit: flags.limit, cursor: flags.cursor }));
      out.show(page, () => out.table(taskColumns, page.tasks, "no tasks"));
      tellMore(out, page.next_cursor);
    }));
};
