import { useEffect } from "preact/hooks";
import type { Agent } from "#client/schema.ts";
import { html } from "../html.ts";
import { useLoad } from "../load.ts";
import { priceText } from "../money.ts";
import { Choice, Field, Form } from "../parts/field.ts";
import { Page } from "../parts/page.ts";
import { Empty, Showing } from "../parts/problem.ts";
import { Badge } from "../parts/status.ts";
import { to } from "../router.ts";
import { plays, useSession } from "../session.ts";

const prices = [["", "Any price"], ["per_request", "Per request"], ["per_minute", "Per minute"], ["per_hour", "Per hour"], ["hybrid", "Base and usage"]] as const;
const sorts = [["newest", "Newest"], ["name", "Name"], ["popularity", "Popularity"], ["success_rate", "Success rate"], ["price", "Price"]] as const;

/** A share of one as percent. */
export const percent = (share: number | null | undefined): string => (share === null || share === undefined ? "no data yet" : `${(share * 100).toFixed(1)} %`);

function Card({ of }: { of: Agent }) {
  const { availability, pricing_info, performance_metrics, customer_instances } = of.marketplace_info;
  return html`<li class="card">
    <h2><a href=${to("agents", of.agent_id)}>${of.name}</a> <span class="quiet">${of.version}</span></h2>
    <p class="clamp">${of.description === "" ? html`<span class="quiet">No description</span>` : of.description}</p>
    <p class="tags"><span class="tag">${of.category}</span>${of.tags.slice(0, 5).map((tag) => html`<span class="tag">${tag}</span>`)}</p>
    <dl class="pairs">
      <dt>Price</dt><dd>${priceText(pricing_info)}</dd>
      <dt>Success</dt><dd>${percent(performance_metrics.success_rate)}</dd>
      <dt>Places</dt><dd>${availability.available ? html`<${Badge} tone="good" text=${`${availability.max_instances - availability.current_instances} of ${availability.max_instances} free`} />` : html`<${Badge} tone="warn" text="none free" />`}</dd>
      ${customer_instances > 0 && html`<dt>Yours</dt><dd>${customer_instances} live</dd>`}
    </dl>
  </li>`;
}

function search(fields: Readonly<Record<string, string>>): void {
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value.trim() !== ""));
  // Prices of different kinds do not compare: asking for their order asks for one kind.
  if (query.get("sort") === "price" && !query.has("pricing_type")) query.set("pricing_type", "per_request");
  location.hash = `#/discover?${query.toString()}`;
}

function Results({ of }: { of: { agents: readonly Agent[]; next_cursor: string | null } }) {
  const { account } = useSession();
  if (of.agents.length > 0) return html`<ul class="cards">${of.agents.map((agent) => html`<${Card} key=${agent.agent_id} of=${agent} />`)}</ul>`;
  return html`<${Empty} title="No agent was found.">
    <p>Search for less, or <a href="#/discover">show every agent</a>.${plays(account, "publisher") && html` To offer one, run <code>agenthub agent-register</code>.`}</p>
  <//>`;
}

/** Finding agents. What is searched for is part of the address. */
export function DiscoverPage({ query }: { query: URLSearchParams }) {
  const { client, feed } = useSession();
  const asked = Object.fromEntries(query);
  const loaded = useLoad(() => client.discoverAgents({ limit: 30, ...asked }), [client, query.toString()]);
  useEffect(() => feed.listen(({ event }) => { if (event === "agent.changed") loaded.reload(); }), [feed, loaded.reload]);
  const next = (cursor: string) => `#/discover?${new URLSearchParams({ ...asked, cursor }).toString()}`;
  return html`<${Page} title="Discover agents">
    <search key=${query.toString()}><${Form} label="Search agents" send=${search}>
      <div class="filters">
        <${Field} label="Search" name="q" type="search" value=${asked["q"]} placeholder="Name, tag or words" />
        <${Field} label="Category" name="category" value=${asked["category"]} placeholder="Any" />
        <${Choice} label="Price" name="pricing_type" value=${asked["pricing_type"] ?? ""} options=${prices} />
        <${Choice} label="Sort by" name="sort" value=${asked["sort"] ?? "newest"} options=${sorts} />
        <label class="check"><input type="checkbox" name="available" value="true" defaultChecked=${asked["available"] === "true"} /> Free places only</label>
        <button class="primary">Search</button>
      </div>
    <//></search>
    <${Showing} of=${loaded}>${(data: { agents: readonly Agent[]; next_cursor: string | null }) => html`<div>
      <${Results} of=${data} />
      ${data.next_cursor !== null && html`<p class="more"><a class="button" href=${next(data.next_cursor)}>More agents</a></p>`}
    </div>`}<//>
  <//>`;
}
