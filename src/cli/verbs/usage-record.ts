import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { RecordedUsage } from "#client/schema.ts";
import type { UsageEvent } from "#client/types.ts";
import type { Verb } from "../cli.ts";
import { exitCodes, usageError } from "../exit.ts";
import type { Io } from "../io.ts";
import type { Output } from "../output.ts";

interface Flags {
  readonly quantity?: string; readonly meter: string; readonly source: string; readonly id?: string; readonly time?: string; readonly file?: string;
}

async function fromFile(io: Io, path: string): Promise<UsageEvent | UsageEvent[]> {
  try {
    const text = path === "-" ? await io.readInput() : readFileSync(resolve(io.cwd, path), "utf8");
    return JSON.parse(text) as UsageEvent | UsageEvent[];
  } catch (error) {
    throw usageError(`cannot read events from ${path}: ${(error as Error).message}`, "It must hold one CloudEvent, or a list of them, as JSON.");
  }
}

function oneEvent({ quantity, meter, source, id, time }: Flags, instance: string | undefined): UsageEvent {
  if (instance === undefined || quantity === undefined) throw usageError("give an instance and --quantity, or --file");
  return {
    specversion: "1.0", type: "agenthub.usage", source, id: id ?? crypto.randomUUID(), time: time ?? new Date().toISOString(),
    subject: instance, data: { meter, quantity },
  };
}

function words({ accepted, duplicates, refused, results }: RecordedUsage, out: Output): string {
  const head = out.fields({ Accepted: accepted, "Counted before": duplicates, Refused: refused });
  const wrong = results.filter((result) => result.problem !== undefined);
  return wrong.length === 0 ? head : `${head}\n${out.table([
    { name: "event", value: (result) => result.id ?? `number ${result.index + 1}` }, { name: "why", value: (result) => result.problem?.detail ?? result.problem?.title },
  ], wrong)}`;
}

/** `agenthub usage-record`: reports usage that AgentHub did not see; the same id is counted once. */
export const usageRecord: Verb = (cli) => {
  cli.verb("usage-record", "Report usage that AgentHub did not see itself (publishers)", [
    "agenthub usage-record instance-67890 --quantity 3", "agenthub usage-record --file events.json",
  ])
    .argument("[instance]", "the instance that was used")
    .option("--quantity <decimal>", "how much")
    .option("--meter <name>", "of what", "requests")
    .option("--source <name>", "who counted", "agenthub-cli")
    .option("--id <id>", "identifies this report at its source (default: a random one)")
    .option("--time <time>", "when it was used (default: now)")
    .option("--file <file>", "CloudEvents as JSON, one or a list; `-` reads standard input")
    .action(cli.as<Flags>("publisher", async ({ client, flags, io, out, wait }, instance?: string) => {
      const events = flags.file === undefined ? oneEvent(flags, instance) : await fromFile(io, flags.file);
      if (flags.file !== undefined && (instance !== undefined || flags.quantity !== undefined))
        throw usageError("give either an instance and --quantity, or --file, not both");
      const answer = await wait("Reporting usage", () => client.recordUsage(events));
      out.show(answer, () => words(answer, out));
      return answer.refused > 0 ? exitCodes.failed : exitCodes.ok;
    }));
};
