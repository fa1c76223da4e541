import type { Verb } from "../cli.ts";

/** `agenthub projections list | rebuild`: read models and where they stand. */
export const projections: Verb = (cli) => {
  const group = cli.verb("projections", "List read models, or build one anew (operators)", ["agenthub projections list", "agenthub projections rebuild instances"]);

  cli.verb("list", "List read models and where they stand", "agenthub projections list", group)
    .action(cli.as("operator", async ({ client, out, wait }) => {
      const answer = await wait("Listing read models", () => client.listProjections());
      out.show(answer, () => out.table([
        { name: "name", value: (one) => one["name"] }, { name: "version", value: (one) => one["version"], right: true },
        { name: "state", value: (one) => one["status"] }, { name: "position", value: (one) => one["position"] },
      ], answer.projections));
    }));

  cli.verb("rebuild", "Build a read model anew beside the live one; readers change over when it is done", "agenthub projections rebuild instances", group)
    .argument("<name>", "its name, as listed")
    .action(cli.as("operator", async ({ client, out, wait }, name = "") => {
      const answer = await wait("Asking for it", () => client.rebuildProjection(name));
      out.show(answer, () => `${name} is being built anew; \`agenthub projections list\` shows how far it is\n`);
    }));
};
