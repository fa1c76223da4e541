import { Option } from "commander";
import type { QueryOf } from "#client/types.ts";
import type { Verb } from "../cli.ts";
import { type PagingFlags, pagingOptions, tellMore } from "../paging.ts";
import { agentColumns } from "../show-agent.ts";

type Query = QueryOf<"GET /marketplace/agents">;

interface Flags extends PagingFlags {
  readonly category?: string; readonly query?: string; readonly tag?: string; readonly protocol?: Query["protocol"]; readonly type?: Query["type"];
  readonly pricingType?: Query["pricing_type"]; readonly sort?: Query["sort"]; readonly available?: boolean;
}

/** `agenthub marketplace-discover`: searches the marketplace. */
export const marketplaceDiscover: Verb = (cli) => {
  pagingOptions(cli.verb("marketplace-discover", "Find agents in the marketplace", [
    "agenthub marketplace-discover --category utility --limit 10 --api-key your-key", "agenthub marketplace-discover --query sentiment --available",
  ])
    .option("--category <name>", "of this category only")
    .option("--query <words>", "whose name, tags or description hold these words")
    .option("--tag <name>", "with this tag only")
    .option("--protocol <name>", "http or acp")
    .addOption(new Option("--type <type>", "how it is hosted").choices(["docker", "standard"]))
    .addOption(new Option("--pricing-type <type>", "how it is charged").choices(["per_request", "per_minute", "per_hour", "hybrid"]))
    .addOption(new Option("--sort <order>", "the order; price needs --pricing-type").choices(["newest", "name", "popularity", "success_rate", "price"]))
    .option("--available", "with a free place only"))
    .action(cli.as<Flags>("customer", async ({ client, flags, out, wait }) => {
      const { category, query, tag, protocol, type, pricingType, sort, available, limit, cursor } = flags;
      const page = await wait("Searching the marketplace", () =>
        client.discoverAgents({ category, q: query, tag, protocol, type, pricing_type: pricingType, sort, available, limit, cursor }));
      out.show(page, () => out.table(agentColumns, page.agents, "no agents match"));
      tellMore(out, page.next_cursor);
    }));
};
