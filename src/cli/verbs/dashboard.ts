import type { Verb } from "../cli.ts";
import { amount, instant } from "../format.ts";
import { instanceColumns } from "../show-instance.ts";
import { repeat, type WatchFlags, watchOptions } from "../watch.ts";

/** `agenthub dashboard`: a customer's overview. */
export const dashboard: Verb = (cli) => {
  watchOptions(cli.verb("dashboard", "Show your instances, costs and recent activity", ["agenthub dashboard --api-key your-key", "agenthub dashboard --watch 5"]))
    .action(cli.as<WatchFlags>("customer", async ({ client, flags, io, out, wait }) => {
      await repeat(io, out, flags, async () => {
        const seen = await wait("Reading the dashboard", () => client.dashboard());
        const { summary, billing: { currency, current_month_cost } } = seen;
        out.show(seen, () => [
          out.fields({
            Customer: seen.customer_id, Instances: summary.total_instances, "  running": summary.running_instances, "  paused": summary.paused_instances,
            "  failed": summary.failed_instances, "  stopped": summary.stopped_instances, "Uptime (h)": summary.total_uptime_hours,
            "Total cost": amount(summary.total_cost, currency), "This month": amount(current_month_cost, currency),
          }),
          `\n${out.style("bold", "Recent instances")}\n`, out.table(instanceColumns, seen.recent_instances, "none"),
          `\n${out.style("bold", "Recent activity")}\n`,
          out.table([{ name: "when", value: (entry) => instant(entry.at) }, { name: "what", value: (entry) => entry.description }], seen.recent_activity, "none"),
        ].join(""));
      });
    }));
};
