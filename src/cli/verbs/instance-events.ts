import type { Verb } from "../cli.ts";
import { instant } from "../format.ts";
import { type PagingFlags, pagingOptions, tellMore } from "../paging.ts";

/** `agenthub instance-events`: an instance's history. */
export const instanceEvents: Verb = (cli) => {
  pagingOptions(cli.verb("instance-events", "Show what happened to an instance", "agenthub instance-events instance-67890 --limit 50").argument("<instance>", "the instance's id"))
    .action(cli.as<PagingFlags>("customer", async ({ client, flags, out, wait }, id = "") => {
      const page = await wait("Reading the history", () => client.instanceEvents(id, { limit: flags.limit, cursor: flags.cursor }));
      out.show(page, () => out.table([
        { name: "when", value: (event) => instant(event.at) },
        { name: "what", value: (event) => event.type },
        { name: "in words", value: (event) => event.description },
      ], page.events, "no events"));
      tellMore(out, page.next_cursor);
    }));
};
