import type { MonthCost } from "#client/schema.ts";
import { html } from "../html.ts";
import { decimal, micros, money } from "../money.ts";
import { BarChart } from "../parts/charts.ts";
import { Table } from "../parts/table.ts";
import { monthText, span } from "../time.ts";

type Month = Omit<MonthCost, `${string}_micros`>;
type Months = readonly Month[];

// More would not be readable on a phone; the table tells them all.
const mostBars = () => (innerWidth < 640 ? 3 : 12);

/** The latest months as bars. A bar's height is a display; its figure is exact. */
export function MonthsChart({ months, currency }: { months: Months; currency: string }) {
  const bars = months.slice(-mostBars()).map(({ month, total_cost, cost_breakdown: { base_cost, usage_cost, task_cost } }) => ({
    name: month, label: decimal(micros(total_cost)), parts: [base_cost, usage_cost, task_cost].map((amount) => Number(micros(amount))),
  }));
  return html`<${BarChart} title=${`By month, in ${currency}`} bars=${bars} legend=${["Base", "Time", "Tasks"]} />`;
}

/** The same months as exact figures. */
export function MonthsTable({ months, currency }: { months: Months; currency: string }) {
  return html`<${Table} caption="By month" rows=${months.toReversed()} name=${(of: Month) => of.month} columns=${[
    { head: "Month", cell: (of: Month) => monthText(of.month) },
    { head: "Base", figures: true, cell: (of: Month) => money(of.cost_breakdown.base_cost, currency) },
    { head: "Time", figures: true, cell: (of: Month) => money(of.cost_breakdown.usage_cost, currency) },
    { head: "Tasks", figures: true, cell: (of: Month) => money(of.cost_breakdown.task_cost, currency) },
    { head: "Billed time", figures: true, cell: (of: Month) => span(of.usage_time) },
    { head: "Total", figures: true, cell: (of: Month) => html`<strong>${money(of.total_cost, currency)}</strong>` },
  ]} />`;
}
