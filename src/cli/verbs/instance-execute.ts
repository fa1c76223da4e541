import type { Verb } from "../cli.ts";
import { exitCodes, usageError } from "../exit.ts";
import { whole } from "../option-values.ts";
import { taskDetails } from "../show-instance.ts";
import { readObjectFile } from "../yaml-file.ts";

interface Flags {
  readonly endpoint: string; readonly parameters?: string; readonly parametersFile?: string; readonly timeout?: number; readonly async?: boolean; readonly idempotencyKey?: string;
}

async function parametersOf(flags: Flags, file: (path: string) => Promise<unknown>): Promise<unknown> {
  if (flags.parametersFile !== undefined && flags.parameters !== undefined) throw usageError("give --parameters or --parameters-file, not both");
  if (flags.parametersFile !== undefined) return file(flags.parametersFile);
  if (flags.parameters === undefined) return undefined;
  try {
    return JSON.parse(flags.parameters) as unknown;
  } catch (error) {
    throw usageError(`--parameters is not valid JSON: ${(error as Error).message}`, "Put it in single quotes: --parameters '{\"data\": \"sample\"}'.");
  }
}

/** `agenthub instance-execute`: runs a task on an instance. */
export const instanceExecute: Verb = (cli) => {
  cli.verb("instance-execute", "Run a task on a running instance and print its result", [
    "agenthub instance-execute instance-67890 --endpoint /analyze --parameters '{\"data\": \"sample\"}'",
    "agenthub instance-execute instance-67890 --endpoint /process --parameters-file input.json --timeout 60 --async",
  ])
    .argument("<instance>", "the instance's id")
    .requiredOption("--endpoint <path>", "the agent's endpoint, such as /analyze")
    .option("--parameters <json>", "what to send, as JSON")
    .option("--parameters-file <file>", "what to send, from a JSON or YAML file; `-` reads standard input")
    .option("--timeout <seconds>", "how long the agent may take", whole(1, 3600))
    .option("--idempotency-key <key>", "the same key again gives the same task again, however often the command is run")
    .option("--async", "do not wait: print the task, ask for its result later with task-details")
    .action(cli.as<Flags>("customer", async ({ client, flags, io, out, wait }, id = "") => {
      const parameters = await parametersOf(flags, (path) => readObjectFile(io, path));
      // The server waits as long as the task may take.
      const options = { ...(flags.async === true ? { wait: false } as const : {}), idempotencyKey: flags.idempotencyKey };
      const task = await wait("Running the task", () => client.executeTask(id, { endpoint: flags.endpoint, parameters, timeout: flags.timeout }, options));
      out.show(task, () => taskDetails(task, out));
      if (task.status === "completed" || flags.async === true) return exitCodes.ok;
      if (task.status !== "pending" && task.status !== "running") return exitCodes.failed;
      out.note(`hint: it still runs; \`agenthub task-details ${task.task_id}\` shows its result later.`);
      return exitCodes.unavailable;
    }));
};
