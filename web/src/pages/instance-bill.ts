import type { InstanceBill } from "#client/schema.ts";
import { html } from "../html.ts";
import { useLoad } from "../load.ts";
import { money, priceText } from "../money.ts";
import { Showing } from "../parts/problem.ts";
import { Figures } from "../parts/table.ts";
import { useSession } from "../session.ts";
import { span } from "../time.ts";
import { MonthsChart, MonthsTable } from "./months.ts";

/** An instance's whole bill. */
export function Bill({ id }: { id: string }) {
  const { client } = useSession();
  const loaded = useLoad(() => client.instanceBilling(id), [client, id]);
  return html`<${Showing} of=${loaded}>${(bill: InstanceBill) => html`<div>
    <${Figures} items=${[
      ["Total", money(bill.total_cost, bill.currency)], ["Base", money(bill.cost_breakdown.base_cost, bill.currency)], ["Time", money(bill.cost_breakdown.usage_cost, bill.currency)],
      ["Tasks", money(bill.cost_breakdown.task_cost, bill.currency)], ["Billed time", span(bill.usage_time)], ["Price", priceText(bill.pricing_info)],
    ]} />
    ${bill.months.length > 0 && html`<${MonthsChart} months=${bill.months} currency=${bill.currency} /><${MonthsTable} months=${bill.months} currency=${bill.currency} />`}
  </div>`}<//>`;
}
