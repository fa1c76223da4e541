import { Option } from "commander";
import type { InstanceStatus } from "#client/schema.ts";
import type { Verb } from "../cli.ts";
import { type PagingFlags, pagingOptions, tellMore } from "../paging.ts";
import { instanceColumns } from "../show-instance.ts";
import { instanceStatuses } from "../statuses.ts";
import { repeat, type WatchFlags, watchOptions } from "../watch.ts";

interface Flags extends PagingFlags, WatchFlags { readonly status?: InstanceStatus; readonly agent?: string; readonly all?: boolean }

/** `agenthub instance-list`: the caller's instances. */
export const instanceList: Verb = (cli) => {
  const command = pagingOptions(cli.verb("instance-list", "List your instances", ["agenthub instance-list --api-key your-key", "agenthub instance-list --status running --watch"])
    .addOption(new Option("--status <status>", "with this status only").choices(instanceStatuses))
    .option("--agent <agent>", "of this agent only")
    .option("--all", "with those that ended more than 30 days ago"));
  watchOptions(command).action(cli.as<Flags>("customer", async ({ client, flags, io, out, wait }) => {
    await repeat(io, out, flags, async () => {
      const page = await wait("Listing instances", () => client.listInstances({
        status: flags.status, agent_id: flags.agent, include: flags.all === true ? "terminated" : undefined, limit: flags.limit, cursor: flags.cursor,
      }));
      out.show(page, () => out.table(instanceColumns, page.instances, "no instances"));
      tellMore(out, page.next_cursor);
    });
  }));
};
