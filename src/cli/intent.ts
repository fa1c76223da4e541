import type { AgentHubClient } from "#client/client.ts";
import type { Instance } from "#client/schema.ts";
import type { Cli } from "./cli.ts";
import { assertConfirmed } from "./confirm.ts";
import { CliError, exitCodes } from "./exit.ts";
import { whole } from "./option-values.ts";
import { settle } from "./settle.ts";
import { instanceDetails } from "./show-instance.ts";

interface Intent {
  readonly name: string; readonly summary: string; readonly label: string; readonly example: string;
  /** The status that it should end in. */
  readonly wanted: string;
  /** A question that must be answered first. */
  readonly question?: (instance: string) => string;
  readonly send: (client: AgentHubClient, id: string) => Promise<Instance>;
}

interface Flags { readonly wait: number | false; readonly confirm?: boolean }

/** Adds a command that moves an instance to another status and waits until it is there. */
export function intentVerb(cli: Cli, { name, summary, label, example, wanted, question, send }: Intent): void {
  const command = cli.verb(name, summary, example)
    .argument("<instance>", "the instance's id")
    .option("--wait <seconds>", "how long to wait for it", whole(1, 3600), 120)
    .option("--no-wait", "do not wait");
  if (question !== undefined) command.option("--confirm", "do not ask");
  command.action(cli.as<Flags>("customer", async ({ client, flags, io, out, wait }, id = "") => {
    if (question !== undefined) await assertConfirmed(io, flags.confirm, question(id));
    const instance = await wait(label, async (say) => {
      const sent = await send(client, id);
      return flags.wait === false ? sent : settle(sent, { client, signal: io.signal, say, within: flags.wait });
    });
    out.show(instance, () => instanceDetails(instance, out));
    if (flags.wait !== false && instance.status !== wanted)
      throw new CliError(exitCodes.failed, `${id} is ${instance.status}, not ${wanted}`, { hint: `See why with \`agenthub instance-events ${id}\`.` });
  }));
}
