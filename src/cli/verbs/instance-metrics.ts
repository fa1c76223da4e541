import type { Verb } from "../cli.ts";
import { bytes, figure, instant } from "../format.ts";
import { whole } from "../option-values.ts";

interface Flags { readonly since?: string; readonly until?: string; readonly limit?: number }

/** `agenthub instance-metrics`: samples of what an instance used. */
export const instanceMetrics: Verb = (cli) => {
  cli.verb("instance-metrics", "Show what an instance used over time", "agenthub instance-metrics instance-67890 --since 2026-01-31T12:00:00Z")
    .argument("<instance>", "the instance's id")
    .option("--since <time>", "from this instant on (default: an hour back)")
    .option("--until <time>", "up to this instant")
    .option("--limit <number>", "at most so many samples (default 500)", whole(1, 5000))
    .action(cli.as<Flags>("customer", async ({ client, flags, out, wait }, id = "") => {
      const answer = await wait("Reading samples", () => client.instanceMetrics(id, { from: flags.since, to: flags.until, limit: flags.limit }));
      out.show(answer, () => out.table([
        { name: "at", value: (sample) => instant(sample.at) },
        { name: "cpu", value: (sample) => figure(sample.cpu_percent, "%"), right: true },
        { name: "memory", value: (sample) => bytes(sample.memory_bytes), right: true },
        { name: "received", value: (sample) => bytes(sample.network_rx_bytes), right: true },
        { name: "sent", value: (sample) => bytes(sample.network_tx_bytes), right: true },
        { name: "healthy", value: ({ healthy }) => (healthy ? "yes" : "no") },
      ], answer.metrics, "no samples yet"));
    }));
};
