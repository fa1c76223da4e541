import type { Verb } from "../cli.ts";
import { usageError } from "../exit.ts";
import { gather } from "../option-values.ts";
import { registrationWords } from "../show-agent.ts";
import { readObjectFile } from "../yaml-file.ts";

interface Flags {
  readonly config?: string; readonly description?: string; readonly category?: string; readonly tag?: readonly string[];
  readonly author?: string; readonly license?: string; readonly documentationUrl?: string; readonly repositoryUrl?: string;
}

/** `agenthub agent-update`: changes what describes an agent. */
export const agentUpdate: Verb = (cli) => {
  cli.verb("agent-update", "Change what describes an agent, without a new version", "agenthub agent-update agent-12345 --description \"Classifies text\" --tag nlp --tag english")
    .argument("<agent>", "the agent's id")
    .option("--description <text>", "the description")
    .option("--category <name>", "the category")
    .option("--tag <name>", "a tag; give it several times, all together replace the old ones", gather)
    .option("--author <name>", "the author")
    .option("--license <name>", "the licence")
    .option("--documentation-url <url>", "where it is documented")
    .option("--repository-url <url>", "where its source is")
    .option("--config <file>", "YAML or JSON with the fields to change")
    .action(cli.as<Flags>("publisher", async ({ client, flags, io, out, wait }, agent = "") => {
      const file = flags.config === undefined ? {} : await readObjectFile(io, flags.config);
      const given = {
        description: flags.description, category: flags.category, tags: flags.tag, author: flags.author, license: flags.license,
        documentation_url: flags.documentationUrl, repository_url: flags.repositoryUrl,
      };
      const changes = { ...file, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
      if (Object.keys(changes).length === 0) throw usageError("nothing to change", "Name a field, such as --description.");
      const changed = await wait("Changing the agent", () => client.updateAgent(agent, changes));
      out.show(changed, () => registrationWords(changed, out));
    }));
};
