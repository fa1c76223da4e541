import { html } from "../html.ts";
import { useLoad } from "../load.ts";
import { money, priceText } from "../money.ts";
import { Showing } from "../parts/problem.ts";
import { Figures } from "../parts/table.ts";
import { useSession } from "../session.ts";
import { span } from "../time.ts";
import { type Months, MonthsChart, MonthsTable } from "./months.ts";

type Full = Months[number] & { readonly currency: string; readonly pricing_info: object; readonly months: Months };

/** An instance's whole bill. */
export function Bill({ id }: { id: string }) {
  const { client } = useSession();
  const loaded = useLoad(async () => (await client.instanceBilling(id)) as unknown as Full, [client, id]);
  return html`<${Showing} of=${loaded}>${(bill: Full) => html`<div>
    <${Figures} items=${[
      ["Total", money(bill.total_cost, bill.currency)], ["Base", money(bill.cost_breakdown.base_cost, bill.currency)], ["Time", money(bill.cost_breakdown.usage_cost, bill.currency)],
      ["Tasks", money(bill.cost_breakdown.task_cost, bill.currency)], ["Billed time", span(bill.usage_time)], ["Price", priceText(bill.pricing_info)],
    ]} />
    ${bill.months.length > 0 && html`<${MonthsChart} months=${bill.months} currency=${bill.currency} /><${MonthsTable} months=${bill.months} currency=${bill.currency} />`}
  </div>`}<//>`;
}
