import { useEffect, useState } from "preact/hooks";
import type { Agent, Revenue } from "#client/schema.ts";
import { html } from "../html.ts";
import { everyPage, useLoad } from "../load.ts";
import { money, priceText } from "../money.ts";
import { Page, Section } from "../parts/page.ts";
import { Empty, Showing } from "../parts/problem.ts";
import { Badge } from "../parts/status.ts";
import { Figures, Table } from "../parts/table.ts";
import { to } from "../router.ts";
import { useSession } from "../session.ts";
import { percent } from "./discover.ts";
import { MonthsChart, MonthsTable } from "./months.ts";
import { PriceDialog } from "./price-dialog.ts";

const stages = { active: "good", registered: "busy", deregistered: "still" } as const;

function earnings(agent: Agent, revenue: readonly Revenue[]): string {
  const own = revenue.flatMap(({ currency, agents }) => agents.filter(({ agent_id }) => agent_id === agent.agent_id).map(({ total_cost }) => money(total_cost, currency)));
  return own.length === 0 ? "nothing yet" : own.join(", ");
}

function Earnings({ of }: { of: Revenue }) {
  return html`<${Section} title=${`Revenue in ${of.currency}`}>
    <${Figures} items=${[
      ["This month", money(of.current_month_cost, of.currency)], ["All time", money(of.total_cost, of.currency)],
      ["Instances", of.instances], ["Billed tasks", of.task_executions],
    ]} />
    ${of.months.length > 0 && html`<${MonthsChart} months=${of.months} currency=${of.currency} /><${MonthsTable} months=${of.months} currency=${of.currency} />`}
  <//>`;
}

function Agents({ of, revenue, price }: { of: readonly Agent[]; revenue: readonly Revenue[]; price: (agent: Agent) => void }) {
  return html`<${Table} caption="Your agents" rows=${of} name=${(row: Agent) => row.agent_id} columns=${[
    { head: "Agent", cell: (row: Agent) => html`<a href=${to("agents", row.agent_id)}>${row.name}</a><span class="sub">${row.version}</span>` },
    { head: "Stage", cell: (row: Agent) => html`<${Badge} tone=${stages[row.lifecycle_stage]} text=${row.lifecycle_stage} />` },
    { head: "Live instances", figures: true, cell: ({ marketplace_info: { availability } }: Agent) => `${availability.current_instances} of ${availability.max_instances}` },
    { head: "Ever started", figures: true, cell: (row: Agent) => row.marketplace_info.total_instances },
    { head: "Success", figures: true, cell: (row: Agent) => percent(row.marketplace_info.performance_metrics.success_rate) },
    { head: "Revenue", figures: true, cell: (row: Agent) => earnings(row, revenue) },
    { head: "Price", cell: (row: Agent) => html`<span>${priceText(row.marketplace_info.pricing_info)}</span> ${row.lifecycle_stage !== "deregistered" && html`<button type="button" aria-label=${`Change the price of ${row.name}`} onClick=${() => price(row)}>Change</button>`}` },
  ]} />`;
}

/** A publisher's agents and what they earn. */
export function PublisherPage() {
  const { client, account, feed } = useSession();
  const [priced, setPriced] = useState<Agent>();
  const loaded = useLoad(async () => {
    const own = { limit: 100, account_id: account.account_id };
    const [agents, revenue] = await Promise.all([
      everyPage<Agent>(async (cursor) => {
        const page = await client.listAgents({ ...own, cursor });
        return { items: page.agents, next: page.next_cursor };
      }),
      client.publisherRevenue(),
    ]);
    return { agents, revenue: revenue.revenue };
  }, [client]);
  useEffect(() => feed.listen(({ event }) => { if (event === "agent.changed") loaded.reload(); }), [feed, loaded.reload]);
  return html`<${Page} title="My agents" lead="What you offer, who runs it, and what it earns.">
    <${Showing} of=${loaded}>${({ agents, revenue }: { agents: readonly Agent[]; revenue: readonly Revenue[] }) => agents.length === 0
      ? html`<${Empty} title="You offer no agent yet."><p>Write a manifest with <code>agenthub example-config</code> and register it with <code>agenthub agent-register</code>.</p><//>`
      : html`<div>
        <${Section} title="Agents"><${Agents} of=${agents} revenue=${revenue} price=${setPriced} /><//>
        ${revenue.length === 0 ? html`<${Section} title="Revenue"><p class="quiet">Nothing was earned yet.</p><//>` : revenue.map((of) => html`<${Earnings} key=${of.currency} of=${of} />`)}
      </div>`}<//>
    ${priced !== undefined && html`<${PriceDialog} agent=${priced} close=${() => setPriced(undefined)} done=${() => { setPriced(undefined); loaded.reload(); }} />`}
  <//>`;
}
