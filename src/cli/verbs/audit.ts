import { Option } from "commander";
import type { Audit } from "#client/schema.ts";
import type { Verb } from "../cli.ts";
import { exitCodes } from "../exit.ts";
import type { Output } from "../output.ts";

interface Flags { readonly account?: string; readonly instance?: string; readonly month?: string; readonly period?: string; readonly asOf?: string }

function words(report: Audit, out: Output, compared: boolean): string {
  const result = report.agrees ? (compared ? "ok" : "recomputed") : "failed";
  const head = out.fields({ "As of": report.as_of, "Events read": report.events_read, Instances: report.instances.length, Result: result });
  const bills = out.table([
    { name: "instance", value: (bill) => bill.instance_id }, { name: "base", value: (bill) => bill.base_cost, right: true },
    { name: "time", value: (bill) => bill.usage_cost, right: true }, { name: "tasks", value: (bill) => bill.task_cost, right: true },
    { name: "total", value: (bill) => `${String(bill.total_cost)} ${bill.currency}`, right: true },
  ], report.instances, "no bills");
  const verdict = compared ? "Every bill follows from its events." : "What was recorded by then, priced then; nothing was compared.";
  if (report.differences.length === 0) return `${head}\n${bills}\n${verdict}\n`;
  return `${head}\n${bills}\n${out.table([
    { name: "instance", value: (entry) => entry.instance_id }, { name: "figure", value: (entry) => entry.field },
    { name: "from events", value: (entry) => entry.from_events }, { name: "in the bill", value: (entry) => entry.from_read_model },
  ], report.differences)}`;
}

/** `agenthub audit`: recomputes bills from their events; differences are exit code 1. */
export const audit: Verb = (cli) => {
  cli.verb("audit", "Recompute bills from their events and compare them; exit code 1 when they differ", ["agenthub audit", "agenthub audit --instance instance-67890 --as-of 2026-01-31T23:59:59Z"])
    .option("--account <account>", "one account (operators; without it, everything)")
    .option("--instance <instance>", "one instance")
    .option("--period <month>", "one month, such as 2026-01")
    .addOption(new Option("--month <month>", "another name of --period").conflicts("period"))
    .option("--as-of <time>", "what was recorded by this instant, priced then; recomputed without comparing")
    .action(cli.as<Flags>("operator", async ({ client, flags, out, wait }) => {
      const report = await wait("Recomputing the bills", () => client.audit({ account: flags.account, instance: flags.instance, period: flags.period ?? flags.month, as_of: flags.asOf }));
      out.show(report, () => words(report, out, flags.asOf === undefined));
      return report.agrees ? exitCodes.ok : exitCodes.failed;
    }));
};
