import type { Verb } from "../cli.ts";
import type { InstanceConfig } from "#client/types.ts";
import { gatherPairs, whole } from "../option-values.ts";
import { codeOfStatus, settle } from "../settle.ts";
import { instanceDetails } from "../show-instance.ts";
import { readObjectFile } from "../yaml-file.ts";

interface Flags {
  readonly config?: string; readonly memory?: string; readonly cpu?: string; readonly env?: Record<string, string>; readonly label?: Record<string, string>;
  readonly wait: number | false; readonly idempotencyKey?: string;
}

const given = (config: Record<string, unknown>) => Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as InstanceConfig;

/** `agenthub instance-create`: starts an instance of an agent and waits until it runs. */
export const instanceCreate: Verb = (cli) => {
  cli.verb("instance-create", "Start your own instance of an agent", [
    "agenthub instance-create agent-12345 --api-key your-key --config instance.json", "agenthub instance-create agent-12345 --memory 256M --cpu 0.5 --env MODEL=small",
  ])
    .argument("<agent>", "the agent's id")
    .option("--config <file>", "its configuration, JSON or YAML: memory_limit, cpu_limit, environment, labels")
    .option("--memory <size>", "memory limit, such as 512M")
    .option("--cpu <cores>", "CPU limit, such as 0.5")
    .option("--env <name=value>", "an environment variable that the agent lets you set; may be given several times", gatherPairs)
    .option("--label <name=value>", "a label of your own; may be given several times", gatherPairs)
    .option("--idempotency-key <key>", "the same key again gives the same instance again, however often the command is run")
    .option("--wait <seconds>", "how long to wait until it runs", whole(1, 3600), 300)
    .option("--no-wait", "do not wait")
    .action(cli.as<Flags>("customer", async ({ client, flags, io, out, wait }, agent = "") => {
      const file = flags.config === undefined ? {} : await readObjectFile(io, flags.config, "It may hold memory_limit, cpu_limit, environment and labels.");
      const config = given({ ...file, memory_limit: flags.memory ?? file["memory_limit"], cpu_limit: flags.cpu ?? file["cpu_limit"], environment: flags.env ?? file["environment"], labels: flags.label ?? file["labels"] });
      const instance = await wait("Starting the instance", async (say) => {
        // Asked to answer at once, so that the id is known whatever happens while it starts.
        const made = await client.createInstance(agent, config, { wait: false, idempotencyKey: flags.idempotencyKey });
        return flags.wait === false ? made : settle(made, { client, signal: io.signal, say, within: flags.wait });
      });
      out.show(instance, () => instanceDetails(instance, out));
      if (instance.status === "failed" && !out.json) out.note(`hint: \`agenthub instance-logs ${instance.instance_id}\` prints what its container said.`);
      return codeOfStatus(instance.status);
    }));
};
