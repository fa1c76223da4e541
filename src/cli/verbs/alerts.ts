import type { Verb } from "../cli.ts";
import { instant } from "../format.ts";
import { repeat, type WatchFlags, watchOptions } from "../watch.ts";

/** `agenthub alerts`: what is wrong now. */
export const alerts: Verb = (cli) => {
  watchOptions(cli.verb("alerts", "Show what is wrong now, as maintenance found it (operators)", ["agenthub alerts", "agenthub alerts --watch 10"]))
    .action(cli.as<WatchFlags>("operator", async ({ client, flags, io, out, wait }) => {
      await repeat(io, out, flags, async () => {
        const answer = await wait("Listing alerts", () => client.listAlerts());
        out.show(answer, () => out.table([
          { name: "severity", value: (alert) => alert.severity }, { name: "since", value: (alert) => instant(alert.since) },
          { name: "code", value: (alert) => alert.code }, { name: "what", value: (alert) => alert.words },
        ], answer.alerts, "nothing is wrong"));
      });
    }));
};
