import type { AgentCost, BillingSummary, InstanceBill, MonthCost, MonthSummary, Revenue } from "#client/schema.ts";
import type { Verb } from "../cli.ts";
import { usageError } from "../exit.ts";
import { amount } from "../format.ts";
import type { Column, Output } from "../output.ts";

type Bill = BillingSummary | MonthSummary | InstanceBill | Revenue;
type Row = Pick<MonthCost, "total_cost" | "cost_breakdown">;

const costs: readonly Column<Row>[] = [
  { name: "base", value: ({ cost_breakdown: parts }) => amount(parts.base_cost), right: true },
  { name: "time", value: ({ cost_breakdown: parts }) => amount(parts.usage_cost), right: true },
  { name: "tasks", value: ({ cost_breakdown: parts }) => amount(parts.task_cost), right: true },
  { name: "total", value: (row) => amount(row.total_cost), right: true },
];

function words(bill: Bill, out: Output): string {
  const parts = [out.fields({
    "Total cost": amount(bill.total_cost, bill.currency), "This month": "current_month_cost" in bill ? amount(bill.current_month_cost, bill.currency) : undefined,
    "Billed seconds": bill.usage_time, "Billed tasks": bill.task_executions,
  })];
  const months: readonly (Row & { readonly month: string })[] | undefined = "months" in bill ? bill.months : undefined;
  const agents: readonly (Row & Pick<AgentCost, "agent_name">)[] | undefined = "agents" in bill ? bill.agents : undefined;
  if (months !== undefined) parts.push(out.table([{ name: "month", value: (row) => row.month }, ...costs], months, "no months yet"));
  if (agents !== undefined) parts.push(out.table([{ name: "agent", value: (row) => row.agent_name }, ...costs], agents, "no agents yet"));
  return parts.join("\n");
}

/** `agenthub billing`: what was charged, for what. */
export const billing: Verb = (cli) => {
  cli.verb("billing", "Show what your instances cost: by month, by agent, or one instance", ["agenthub billing --month 2026-01", "agenthub billing instance-67890"])
    .argument("[instance]", "one instance only")
    .option("--month <month>", "one month, such as 2026-01; not with an instance, whose bill shows them all")
    .action(cli.as<{ month?: string }>("customer", async ({ client, flags, out, wait }, id?: string) => {
      if (id !== undefined && flags.month !== undefined) throw usageError("--month belongs to the summary; an instance's bill shows every month");
      const { month } = flags;
      const bill = await wait<Bill>("Reading the bill", () => (id !== undefined ? client.instanceBilling(id) : month === undefined ? client.billingSummary() : client.monthSummary(month)));
      out.show(bill, () => words(bill, out));
    }));
};

/** `agenthub revenue`: what a publisher's agents earned. */
export const revenue: Verb = (cli) => {
  cli.verb("revenue", "Show what your agents earned", "agenthub revenue --json")
    .action(cli.as("publisher", async ({ client, out, wait }) => {
      const earned = await wait("Reading the revenue", () => client.publisherRevenue());
      out.show(earned, () => earned.revenue.map((one) => words(one, out)).join("\n") || "no revenue yet\n");
    }));
};
