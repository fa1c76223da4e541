import type { Agent, Engine, Projection } from "#client/schema.ts";
import { html } from "../html.ts";
import { useLoad } from "../load.ts";
import { priceText } from "../money.ts";
import { Page, Section } from "../parts/page.ts";
import { Empty, Showing } from "../parts/problem.ts";
import { Badge } from "../parts/status.ts";
import { Table } from "../parts/table.ts";
import { to } from "../router.ts";
import { useSession } from "../session.ts";
import { short } from "./instance-table.ts";
import { Accounts } from "./operator-accounts.ts";
import { Alerts } from "./operator-alerts.ts";
import { AuditSection } from "./operator-audit.ts";

function Engines() {
  const { client } = useSession();
  const loaded = useLoad(async () => (await client.listEngines()).engines, [client]);
  return html`<${Section} title="Engines" aside=${html`<button type="button" onClick=${loaded.reload}>Look again</button>`}>
    <${Showing} of=${loaded}>${(engines: readonly Engine[]) => engines.length === 0
      ? html`<${Empty} title="No container engine is attached."><p>Standard agents work without one. For Docker agents set <code>AGENTHUB_DOCKER</code> to an engine's address.</p><//>`
      : html`<${Table} caption="Engines" rows=${engines} name=${({ name }: Engine) => name} columns=${[
        { head: "Engine", cell: ({ name }: Engine) => html`<code>${name}</code>` },
        { head: "State", cell: ({ ok }: Engine) => html`<${Badge} tone=${ok ? "good" : "bad"} text=${ok ? "answers" : "away"} />` },
        { head: "Detail", cell: ({ version, detail }: Engine) => detail ?? (version === undefined ? "" : `version ${version}`) },
      ]} />`}<//>
  <//>`;
}

function lag({ position, status }: Projection, head: string) {
  if (status !== "live") return html`<${Badge} tone=${status === "rebuilding" ? "busy" : "bad"} text=${status} />`;
  return position >= head ? html`<${Badge} tone="good" text="caught up" />` : html`<${Badge} tone="warn" text="behind" />`;
}

/** A position without the zeros that only make it sort. */
const plain = (position: string): string => (/^\d+$/.test(position) ? position.replace(/^0+(?=\d)/, "") : position);

function Projections() {
  const { client } = useSession();
  const loaded = useLoad(async () => {
    const page = await client.listProjections();
    return { rows: page.projections, head: page.head };
  }, [client]);
  return html`<${Section} title="Projections" aside=${html`<button type="button" onClick=${loaded.reload}>Look again</button>`}>
    <${Showing} of=${loaded}>${({ rows, head }: { rows: readonly Projection[]; head: string }) => html`<div>
      <p class="quiet">The log ends at position ${plain(head)}.</p>
      <${Table} caption="Projections" rows=${rows} name=${({ name }: Projection) => name} columns=${[
        { head: "Projection", cell: (row: Projection) => html`<code>${row.name}</code>` },
        { head: "Version", figures: true, cell: (row: Projection) => row.version },
        { head: "Position", figures: true, cell: (row: Projection) => plain(row.position) },
        { head: "Lag", cell: (row: Projection) => lag(row, head) },
        { head: "Set aside", figures: true, cell: (row: Projection) => row.parked ?? 0 },
      ]} />
    </div>`}<//>
  <//>`;
}

function Agents() {
  const { client } = useSession();
  const loaded = useLoad(() => client.listAgents({ limit: 100 }), [client]);
  return html`<${Section} title="Agents">
    <${Showing} of=${loaded}>${({ agents }: { agents: readonly Agent[] }) => agents.length === 0
      ? html`<${Empty} title="No agent is registered."><p>Publishers register them with <code>agenthub agent-register</code>.</p><//>`
      : html`<${Table} caption="Agents" rows=${agents} name=${(row: Agent) => row.agent_id} columns=${[
        { head: "Agent", cell: (row: Agent) => html`<a href=${to("agents", row.agent_id)}>${row.name}</a><span class="sub">${row.version}</span>` },
        { head: "Publisher", cell: (row: Agent) => html`<span title=${row.publisher_id}>${short(row.publisher_id)}</span>` },
        { head: "Stage", cell: (row: Agent) => row.lifecycle_stage },
        { head: "Live instances", figures: true, cell: ({ marketplace_info: { availability } }: Agent) => `${availability.current_instances} of ${availability.max_instances}` },
        { head: "Price", cell: (row: Agent) => priceText(row.marketplace_info.pricing_info) },
      ]} />`}<//>
  <//>`;
}

/** What keeps the marketplace running, for its operator. */
export function OperatorPage() {
  return html`<${Page} title="Operator" lead="Alerts, accounts, agents, engines, projections, and whether the bills agree with their events.">
    <${Alerts} /><${Accounts} /><${AuditSection} /><${Engines} /><${Projections} /><${Agents} />
  <//>`;
}
