import { html } from "../html.ts";
import { useSamples, type Watched } from "../instances.ts";
import { Sparkline } from "../parts/charts.ts";
import { MonthShare, TotalCost } from "../parts/cost.ts";
import { Status } from "../parts/status.ts";
import { Table } from "../parts/table.ts";
import { to } from "../router.ts";
import { when } from "../time.ts";

function Health({ of }: { of: Watched }) {
  return html`<${Sparkline} samples=${useSamples(of.instance.instance_id, of.samples)} />`;
}

/** An id short enough for a table. */
export const short = (id: string): string => (id.length > 22 ? `…${id.slice(-12)}` : id);

/** Instances side by side, as they live. */
export function InstanceTable({ caption, rows, month }: { caption: string; rows: readonly Watched[]; month: bigint }) {
  return html`<${Table} caption=${caption} rows=${rows} name=${({ instance }: Watched) => instance.instance_id} columns=${[
    { head: "Instance", cell: ({ instance }: Watched) => html`<a href=${to("instances", instance.instance_id)}>${instance.agent_name}</a><span class="sub">${instance.agent_version}, <span title=${instance.instance_id}>${short(instance.instance_id)}</span></span>` },
    { head: "Status", cell: ({ instance }: Watched) => html`<${Status} of=${instance} />` },
    { head: "Health", cell: (of: Watched) => html`<${Health} of=${of} />` },
    { head: "Tasks", figures: true, cell: ({ instance }: Watched) => instance.resource_usage.task_count },
    { head: "Cost", figures: true, cell: ({ instance, costAt }: Watched) => html`<${TotalCost} of=${instance.billing_info} at=${costAt} />` },
    { head: "This month", cell: ({ instance, costAt }: Watched) => html`<${MonthShare} of=${instance.billing_info} at=${costAt} month=${month} />` },
    { head: "Started", cell: ({ instance }: Watched) => when(instance.started_at) },
  ]} />`;
}
