import { useState } from "preact/hooks";
import type { AgentCost, BillingSummary, Instance, MonthSummary } from "#client/schema.ts";
import { html } from "../html.ts";
import { everyPage, useLoad } from "../load.ts";
import { micros, money } from "../money.ts";
import { Cost } from "../parts/cost.ts";
import { Choice } from "../parts/field.ts";
import { Page, Section } from "../parts/page.ts";
import { Empty, Showing } from "../parts/problem.ts";
import { Status } from "../parts/status.ts";
import { Figures, Table } from "../parts/table.ts";
import { to } from "../router.ts";
import { useSession } from "../session.ts";
import { monthText, span } from "../time.ts";
import { short } from "./instance-table.ts";
import { MonthsChart, MonthsTable } from "./months.ts";

type Agent = MonthSummary["agents"][number] | AgentCost;

function Agents({ of, currency }: { of: readonly Agent[]; currency: string }) {
  return html`<${Table} caption="By agent" rows=${of} name=${(row: Agent) => row.agent_id} columns=${[
    { head: "Agent", cell: (row: Agent) => html`<a href=${to("agents", row.agent_id)}>${row.agent_name}</a>` },
    { head: "Billed time", figures: true, cell: (row: Agent) => span(row.usage_time) },
    { head: "Billed tasks", figures: true, cell: (row: Agent) => row.task_executions },
    { head: "Cost", figures: true, cell: (row: Agent) => money(row.total_cost, currency) },
  ]} />`;
}

function Instances({ of, at }: { of: readonly Instance[]; at: number }) {
  const most = of.reduce((max, { billing_info }) => { const cost = micros(billing_info.total_cost); return cost > max ? cost : max; }, 0n);
  const share = (of: Instance) => (most === 0n ? 0 : Number((micros(of.billing_info.total_cost) * 100n) / most));
  return html`<${Table} caption="By instance" rows=${of} name=${(row: Instance) => row.instance_id} columns=${[
    { head: "Instance", cell: (row: Instance) => html`<a href=${to("instances", row.instance_id, "bill")}>${row.agent_name}</a><span class="sub" title=${row.instance_id}>${short(row.instance_id)}</span>` },
    { head: "Status", cell: (row: Instance) => html`<${Status} of=${row} />` },
    { head: "This month", figures: true, cell: (row: Instance) => html`<${Cost} amount=${row.billing_info.current_month_cost} rate=${row.billing_info.rate_per_hour} at=${at} currency=${row.billing_info.currency} />` },
    { head: "Total", figures: true, cell: (row: Instance) => html`<${Cost} amount=${row.billing_info.total_cost} rate=${row.billing_info.rate_per_hour} at=${at} currency=${row.billing_info.currency} />` },
    { head: "Compared", cell: (row: Instance) => html`<meter min="0" max="100" value=${share(row)} aria-label="Compared with the dearest instance">${share(row)} %</meter>` },
  ]} />`;
}

function ByAgent({ of }: { of: BillingSummary }) {
  const { client } = useSession();
  const [month, setMonth] = useState("");
  const one = useLoad(async () => (month === "" ? null : await client.monthSummary(month)), [client, month]);
  const agents = month === "" ? of.agents : one.data?.agents ?? [];
  const options = [["", "All months"], ...of.months.toReversed().map(({ month: key }) => [key, monthText(key)])];
  return html`<${Section} title="By agent" aside=${html`<${Choice} label="Month" name="month" value=${month} options=${options} change=${setMonth} />`}>
    <${Showing} of=${{ ...one, data: month === "" ? of : one.data ?? undefined }}>${() => html`<${Agents} of=${agents} currency=${of.currency} />`}<//>
  <//>`;
}

/** What everything cost, by month, agent and instance. */
export function BillingPage() {
  const { client } = useSession();
  const loaded = useLoad(async () => {
    const [summary, instances] = await Promise.all([
      client.billingSummary(),
      everyPage<Instance>(async (cursor) => {
        const page = await client.listInstances({ limit: 100, cursor, include: "terminated" });
        return { items: page.instances, next: page.next_cursor };
      }),
    ]);
    return { summary, instances, at: Date.now() };
  }, [client]);
  return html`<${Page} title="Billing" lead="Months are calendar months in UTC. A paused instance costs nothing.">
    <${Showing} of=${loaded}>${({ summary, instances, at }: { summary: BillingSummary; instances: readonly Instance[]; at: number }) => html`<div>
      <${Figures} items=${[
        ["This month", money(summary.current_month_cost, summary.currency)], ["All time", money(summary.total_cost, summary.currency)],
        ["Billed time", span(summary.usage_time)], ["Billed tasks", summary.task_executions], ["Instances", summary.instances],
      ]} />
      ${summary.months.length === 0 ? html`<${Empty} title="Nothing was billed yet."><p><a class="button" href=${to("discover")}>Discover agents</a></p><//>` : html`<div>
        <${Section} title="By month"><${MonthsChart} months=${summary.months} currency=${summary.currency} /><${MonthsTable} months=${summary.months} currency=${summary.currency} /><//>
        <${ByAgent} of=${summary} />
        <${Section} title="By instance"><${Instances} of=${instances} at=${at} /><//>
      </div>`}
    </div>`}<//>
  <//>`;
}
