import type { Verb } from "../cli.ts";
import { type PagingFlags, pagingOptions, tellMore } from "../paging.ts";
import { agentColumns } from "../show-agent.ts";

/** `agenthub agent-list`: the agents that one may manage. */
export const agentList: Verb = (cli) => {
  pagingOptions(cli.verb("agent-list", "List agents; a publisher sees their own", "agenthub agent-list --limit 50"))
    .action(cli.as<PagingFlags>("publisher", async ({ client, flags, out, wait }) => {
      const page = await wait("Listing agents", () => client.listAgents({ limit: flags.limit, cursor: flags.cursor }));
      out.show(page, () => out.table(agentColumns, page.agents, "no agents"));
      tellMore(out, page.next_cursor);
    }));
};
