import { useState } from "preact/hooks";
import type { Audit } from "#client/schema.ts";
import { html } from "../html.ts";
import { useAction } from "../load.ts";
import { decimal } from "../money.ts";
import { Section } from "../parts/page.ts";
import { Problem } from "../parts/problem.ts";
import { Table } from "../parts/table.ts";
import { useSession } from "../session.ts";
import { when } from "../time.ts";

type Difference = Audit["differences"][number];

function Outcome({ of }: { of: Audit }) {
  const totals = Object.entries(of.totals_micros).map(([currency, micros]) => `${decimal(BigInt(micros))} ${currency}`);
  return html`<div class=${of.agrees ? "notice good" : "problem"} role="status">
    <p class="problem-title">${of.agrees ? "Every bill agrees with its events." : `${of.differences.length} figures differ.`}</p>
    <p>${of.instances.length} ${of.instances.length === 1 ? "bill was" : "bills were"} recomputed from ${of.events_read} events, as of ${when(of.as_of)}.${totals.length > 0 && ` In all: ${totals.join(", ")}.`}</p>
    ${!of.agrees && html`<${Table} caption="Differences" rows=${of.differences} columns=${[
      { head: "Instance", cell: (row: Difference) => html`<code>${row.instance_id}</code>` }, { head: "Figure", cell: (row: Difference) => row.field },
      { head: "By its events", figures: true, cell: (row: Difference) => row.from_events }, { head: "As shown", figures: true, cell: (row: Difference) => row.from_read_model },
    ]} />`}
  </div>`;
}

/** Recomputing every bill from the events alone. */
export function AuditSection() {
  const { client } = useSession();
  const [outcome, setOutcome] = useState<Audit>();
  const action = useAction();
  const run = () => action.run(async () => {
    setOutcome(undefined);
    setOutcome(await client.audit({}));
  });
  return html`<${Section} title="Audit" aside=${html`<button type="button" disabled=${action.busy} onClick=${run}>${action.busy ? "Recomputing" : "Run audit"}</button>`}>
    <p class="quiet">Recomputes every bill from the events alone and compares it with what the API shows.</p>
    <${Problem} error=${action.error} retry=${run} />
    ${outcome !== undefined && html`<${Outcome} of=${outcome} />`}
  <//>`;
}
