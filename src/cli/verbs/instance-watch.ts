import type { LiveFrame } from "#client/live.ts";
import type { Verb } from "../cli.ts";
import { CliError, exitCodes } from "../exit.ts";
import { amount, figure, instant } from "../format.ts";
import { whole } from "../option-values.ts";

interface Flags { readonly until?: string; readonly timeout?: number }

const numberOf = (value: unknown) => (typeof value === "number" ? value : undefined);

function words({ event, at, data = {}, type }: LiveFrame): string {
  const what = event === "cost.update" ? `cost ${amount(data["total_cost"] as string)}, ${amount(data["rate_per_hour"] as string)} per hour`
    : event === "instance.metrics" ? `cpu ${figure(numberOf(data["cpu_percent"] ?? data["cpu_usage"]), "%") ?? "-"}`
      : `${type ?? ""} ${typeof data["status"] === "string" ? data["status"] : ""}`.trim();
  return `${instant(at) ?? ""}  ${event.padEnd(16)}  ${what}\n`;
}

// The status stands in a frame, and in the instance of a snapshot.
function statusIn({ data = {} }: LiveFrame): string | undefined {
  const instance = (data["instance"] ?? (data["instances"] as readonly unknown[] | undefined)?.[0]) as { status?: unknown } | undefined;
  const status = data["status"] ?? instance?.status;
  return typeof status === "string" ? status : undefined;
}

/** `agenthub instance-watch`: follows an instance live. */
export const instanceWatch: Verb = (cli) => {
  cli.verb("instance-watch", "Follow status, health, use and cost of an instance live", ["agenthub instance-watch instance-67890", "agenthub instance-watch instance-67890 --until running --timeout 120"])
    .argument("<instance>", "the instance's id")
    .option("--until <status>", "end when it has this status")
    .option("--timeout <seconds>", "give up after so long", whole(1, 86_400))
    .action(cli.as<Flags>("customer", async ({ client, flags, io, out }, id = "") => {
      const { status } = await client.getInstance(id); // tells at once when there is none
      if (status === flags.until) return exitCodes.ok;
      const live = client.live([`instance:${id}`]);
      let late = false;
      const timer = flags.timeout === undefined ? undefined : setTimeout(() => { late = true; live.close(); }, flags.timeout * 1000);
      try {
        for await (const frame of live) {
          out.record(frame, () => words(frame));
          if (flags.until !== undefined && statusIn(frame) === flags.until) return exitCodes.ok;
        }
      } finally {
        clearTimeout(timer);
        live.close();
      }
      if (late) throw new CliError(exitCodes.unavailable, `${id} did not become ${flags.until ?? "anything else"} within ${flags.timeout} s`);
      if (!io.signal.aborted) throw new CliError(exitCodes.unavailable, "the server ended the connection", { hint: "Run the command again." });
      return exitCodes.ok;
    }));
};
