import { Option } from "commander";
import type { LiveFrame } from "#client/live.ts";
import type { Verb } from "../cli.ts";
import { CliError, exitCodes } from "../exit.ts";
import { figure, instant } from "../format.ts";
import { whole } from "../option-values.ts";
import { instanceStatuses, neverAfter } from "../statuses.ts";

interface Flags { readonly until?: string; readonly timeout?: number }

function details(frame: LiveFrame): string {
  switch (frame.event) {
    case "cost.update": return `${String(frame.data.total_cost)} so far, ${String(frame.data.rate_per_hour)} per hour`;
    case "instance.metrics": return `CPU ${figure(frame.data.cpu_usage, "%") ?? "-"}, memory ${figure(frame.data.memory_usage, "%") ?? "-"}`;
    case "instance.health": return frame.data.healthy ? "healthy" : `not healthy: ${frame.data.reason ?? "no answer"}`;
    case "instance.status": case "agent.changed": return frame.data.description;
    default: return "";
  }
}

// The status stands in a frame, and in the instance of a snapshot.
function statusIn(frame: LiveFrame): string | undefined {
  if (frame.event === "instance.status") return frame.data.status;
  const { status } = (frame.event === "snapshot" ? Object.values(frame.topics)[0] ?? {} : {}) as { status?: string };
  return status;
}

const words = (frame: LiveFrame): string =>
  `${[instant(frame.at) ?? "", frame.event.padEnd(16), (statusIn(frame) ?? "").padEnd(10), details(frame)].join("  ").trimEnd()}\n`;

/** `agenthub instance-watch`: follows an instance live. */
export const instanceWatch: Verb = (cli) => {
  cli.verb("instance-watch", "Follow status, health, use and cost of an instance live", ["agenthub instance-watch instance-67890", "agenthub instance-watch instance-67890 --until running --timeout 120"])
    .argument("<instance>", "the instance's id")
    .addOption(new Option("--until <status>", "end when it has this status").choices(instanceStatuses))
    .option("--timeout <seconds>", "give up after so long", whole(1, 86_400))
    .action(cli.as<Flags>("customer", async ({ client, flags, io, out }, id = "") => {
      const { status } = await client.getInstance(id); // tells at once when there is none
      const { until } = flags;
      if (status === until) return exitCodes.ok;
      const assertStillPossible = (now: string | undefined): void => {
        if (until !== undefined && neverAfter(now, until)) throw new CliError(exitCodes.failed, `${id} is ${now} and will not become ${until}`);
      };
      assertStillPossible(status);
      let lost = false;
      let late = false;
      let over = false;
      const live = client.live([`instance:${id}`], undefined, (connected) => {
        if (connected === lost && !over && !late && !io.signal.aborted) out.note(connected ? "connected again" : "the connection was lost; trying again");
        lost = !connected;
      });
      const timer = flags.timeout === undefined ? undefined : setTimeout(() => { late = true; live.close(); }, flags.timeout * 1000);
      try {
        for await (const frame of live) {
          out.record(frame, () => words(frame));
          if (until !== undefined && statusIn(frame) === until) return exitCodes.ok;
          assertStillPossible(statusIn(frame));
        }
      } finally {
        clearTimeout(timer);
        over = true;
        live.close();
      }
      if (late) throw new CliError(exitCodes.unavailable, until === undefined ? `the ${flags.timeout} s are over` : `${id} did not become ${until} within ${flags.timeout} s`);
      if (!io.signal.aborted) throw new CliError(exitCodes.unavailable, "the server ended the connection", { hint: "Run the command again." });
      return exitCodes.ok;
    }));
};
