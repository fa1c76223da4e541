import { z } from "zod";
import { pricingType } from "#domain/billing/price.ts";
import { accountId } from "#domain/kernel/ids.ts";
import { currencies } from "#domain/kernel/money.ts";
import { agents } from "#projections/agents.ts";
import { searchTokens, token } from "#projections/search.ts";
import { agentViews } from "./agent-views.ts";
import type { RestContext } from "./context.ts";
import { flag, label, paging } from "./inputs.ts";
import { agentOut, listOf } from "./outputs.ts";
import { readPage } from "./page.ts";
import { absent } from "./problem-details.ts";
import { type Route, route } from "./route.ts";

const sorts = { newest: "by_newest", name: "by_name", popularity: "by_popularity", success_rate: "by_success_rate", price: "by_price" } as const;

const listQuery = z.strictObject({
  ...paging,
  category: label(50).optional(), tag: label(50).optional(), q: label(200).optional().meta({ description: "Words that name, tags, category or description hold." }),
  search: label(200).optional().meta({ description: "The same as q." }),
  protocol: z.enum(["http", "acp"]).optional(), type: z.enum(["docker", "standard"]).optional(), publisher_id: accountId.optional(),
  pricing_type: pricingType.optional(), currency: z.enum(currencies).optional(),
  available: flag.optional().meta({ description: "true: only agents with a free slot." }),
  sort: z.enum(["newest", "name", "popularity", "success_rate", "price"]).default("newest"),
}).superRefine((query, context) => {
  if (query.sort === "price" && query.pricing_type === undefined)
    context.addIssue({ code: "custom", path: ["pricing_type"], message: "is required to sort by price: prices of different kinds do not compare" });
});

function tokensOf(query: z.output<typeof listQuery>): string[] {
  const named = { category: query.category, tag: query.tag, protocol: query.protocol, type: query.type, publisher: query.publisher_id, pricing: query.pricing_type, currency: query.currency };
  return [
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [token(name, value)])),
    ...searchTokens(`${query.q ?? ""} ${query.search ?? ""}`), ...(query.available === true ? ["available"] : []),
  ];
}

/** Discovery: agents that instances can be made of. */
export function marketplaceRoutes(context: RestContext): Route[] {
  const { reader } = context.services.readModels;
  return [
    route({
      method: "get", path: "/marketplace/agents", tag: "marketplace", summary: "Discover agents", roles: "any",
      query: listQuery, responses: { 200: listOf("agents", agentOut) },
      async handler({ query, principal }) {
        const equals = query.sort === "price" ? { listed: true, pricing_type: query.pricing_type ?? "" } : { listed: true };
        const page = await readPage(context, agents, {
          limit: query.limit, cursor: query.cursor,
          query: { index: sorts[query.sort], equals, tokens: tokensOf(query), descending: query.sort !== "name" && query.sort !== "price" },
        });
        return { body: { agents: await agentViews(context, page.documents, principal), next_cursor: page.next_cursor } };
      },
    }),
    route({
      method: "get", path: "/marketplace/agents/{id}", tag: "marketplace", summary: "Show an agent that is offered", roles: "any",
      params: { id: "agent" }, responses: { 200: agentOut },
      async handler({ params, principal }) {
        const document = await reader.get(agents, params["id"] ?? "");
        if (document === null || !document.listed) throw absent.agent();
        return { body: (await agentViews(context, [document], principal))[0] };
      },
    }),
  ];
}
