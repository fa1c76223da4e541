import type { Verb } from "../cli.ts";
import { assertConfirmed } from "../confirm.ts";

/** `agenthub agent-deregister`: takes an agent out of the marketplace for ever. */
export const agentDeregister: Verb = (cli) => {
  cli.verb("agent-deregister", "Take an agent out of the marketplace for ever; refused while an instance is live", "agenthub agent-deregister agent-12345 --confirm")
    .argument("<agent>", "the agent's id")
    .option("--confirm", "do not ask")
    .action(cli.as<{ confirm?: boolean }>("publisher", async ({ client, flags, io, out, wait }, agent = "") => {
      await assertConfirmed(io, flags.confirm, `Deregister ${agent}? Its name stays taken and this cannot be undone.`);
      const gone = await wait("Deregistering the agent", () => client.deregisterAgent(agent));
      out.show(gone, () => `${agent} is deregistered\n`);
    }));
};
