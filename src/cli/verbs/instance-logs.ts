import type { Verb } from "../cli.ts";
import { whole } from "../option-values.ts";

interface Flags { readonly follow?: boolean; readonly tail?: number; readonly since?: string }

/** `agenthub instance-logs`: what an instance's container printed. */
export const instanceLogs: Verb = (cli) => {
  cli.verb("instance-logs", "Print an instance's output", ["agenthub instance-logs instance-67890 --tail 50", "agenthub instance-logs instance-67890 -f --json"])
    .argument("<instance>", "the instance's id")
    .option("-f, --follow", "go on printing as it comes")
    .option("--tail <lines>", "how many of the last lines, 1 to 5000 (default 200)", whole(1, 5000))
    .option("--since <time>", "from this instant on, such as 2026-01-31T12:00:00Z")
    .action(cli.as<Flags>("customer", async ({ client, flags, io, out }, id = "") => {
      try {
        for await (const line of client.logs(id, { tail: flags.tail, follow: flags.follow, since: flags.since }))
          out.record(line, () => `${line.text}\n`);
      } catch (error) {
        if (!io.signal.aborted) throw error; // an interrupt is how one stops following
      }
    }));
};
