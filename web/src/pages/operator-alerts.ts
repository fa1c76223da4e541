import type { Alert } from "#client/schema.ts";
import { html } from "../html.ts";
import { useLoad } from "../load.ts";
import { Section } from "../parts/page.ts";
import { Empty, Showing } from "../parts/problem.ts";
import { Badge } from "../parts/status.ts";
import { Table } from "../parts/table.ts";
import { useSession } from "../session.ts";
import { when } from "../time.ts";

/** What is wrong now, as maintenance found it. */
export function Alerts() {
  const { client } = useSession();
  const loaded = useLoad(async () => (await client.listAlerts()).alerts, [client]);
  return html`<${Section} title="Alerts" aside=${html`<button type="button" onClick=${loaded.reload}>Look again</button>`}>
    <${Showing} of=${loaded}>${(alerts: readonly Alert[]) => alerts.length === 0
      ? html`<${Empty} title="Nothing is wrong."><p>Engines, stores, read models and bills are looked at in every round of maintenance.</p><//>`
      : html`<${Table} caption="Alerts" rows=${alerts} name=${({ code, subject }: Alert) => `${code} ${subject}`} columns=${[
        { head: "Severity", cell: ({ severity }: Alert) => html`<${Badge} tone=${severity === "error" ? "bad" : "warn"} text=${severity} />` },
        { head: "What", cell: ({ words, code }: Alert) => html`<span>${words}</span><span class="sub"><code>${code}</code></span>` },
        { head: "Since", cell: ({ since }: Alert) => html`<time datetime=${since}>${when(since)}</time>` },
      ]} />`}<//>
  <//>`;
}
