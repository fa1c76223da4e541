import type { Verb } from "../cli.ts";
import { readManifest } from "../manifest-file.ts";
import { registrationWords } from "../show-agent.ts";

/** `agenthub register-agent`: an agent that its publisher hosts. */
export const registerAgent: Verb = (cli) => {
  cli.verb("register-agent", "Register an agent that you host yourself", "agenthub register-agent --config agent.yaml")
    .requiredOption("--config <file>", "the agent's manifest, YAML or JSON; `-` reads standard input")
    .action(cli.as<{ config: string }>("publisher", async ({ client, flags, io, out, wait }) => {
      const manifest = await readManifest(io, flags.config, "standard");
      const made = await wait("Registering the agent", () => client.registerAgent(manifest));
      out.show(made, () => registrationWords(made, out));
    }, { creates: true }));
};
