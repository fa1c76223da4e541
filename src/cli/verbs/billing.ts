import type { Verb } from "../cli.ts";
import { usageError } from "../exit.ts";
import { amount } from "../format.ts";
import type { Column, Output } from "../output.ts";

interface Row {
  readonly total_cost?: unknown; readonly task_executions?: number; readonly usage_time?: number;
  readonly cost_breakdown?: { readonly base_cost?: unknown; readonly usage_cost?: unknown; readonly task_cost?: unknown };
  readonly month?: string; readonly agent_name?: string; readonly agent_id?: string;
}
interface Bill extends Row { readonly currency?: string; readonly current_month_cost?: unknown; readonly months?: readonly Row[]; readonly agents?: readonly Row[]; readonly revenue?: readonly Bill[] }

const money = (value: unknown, currency?: string) => amount(value as string | undefined, currency);

const costs: readonly Column<Row>[] = [
  { name: "base", value: ({ cost_breakdown: parts }) => money(parts?.base_cost), right: true },
  { name: "time", value: ({ cost_breakdown: parts }) => money(parts?.usage_cost), right: true },
  { name: "tasks", value: ({ cost_breakdown: parts }) => money(parts?.task_cost), right: true },
  { name: "total", value: (row) => money(row.total_cost), right: true },
];

function words(bill: Bill, out: Output): string {
  if (bill.revenue !== undefined) return bill.revenue.map((one) => words(one, out)).join("\n") || "no revenue yet\n";
  const parts = [out.fields({
    "Total cost": money(bill.total_cost, bill.currency), "This month": bill.current_month_cost === undefined ? undefined : money(bill.current_month_cost, bill.currency),
    "Billed seconds": bill.usage_time, "Billed tasks": bill.task_executions,
  })];
  if (bill.months !== undefined) parts.push(out.table([{ name: "month", value: (row) => row.month }, ...costs], bill.months, "no months yet"));
  if (bill.agents !== undefined) parts.push(out.table([{ name: "agent", value: (row) => row.agent_name ?? row.agent_id }, ...costs], bill.agents, "no agents yet"));
  return parts.join("\n");
}

/** `agenthub billing`: what was charged, for what. */
export const billing: Verb = (cli) => {
  cli.verb("billing", "Show what your instances cost: by month, by agent, or one instance", ["agenthub billing --month 2026-01", "agenthub billing instance-67890"])
    .argument("[instance]", "one instance only")
    .option("--month <month>", "one month, such as 2026-01; not with an instance, whose bill shows them all")
    .action(cli.as<{ month?: string }>("customer", async ({ client, flags, out, wait }, id?: string) => {
      if (id !== undefined && flags.month !== undefined) throw usageError("--month belongs to the summary; an instance's bill shows every month");
      const bill = await wait("Reading the bill", () => (id === undefined ? client.billingSummary({ month: flags.month }) : client.instanceBilling(id)));
      out.show(bill, () => words(bill, out));
    }));
};

/** `agenthub revenue`: what a publisher's agents earned. */
export const revenue: Verb = (cli) => {
  cli.verb("revenue", "Show what your agents earned", "agenthub revenue --json")
    .action(cli.as("publisher", async ({ client, out, wait }) => {
      const earned = await wait("Reading the revenue", () => client.publisherRevenue());
      out.show(earned, () => words(earned, out));
    }));
};
