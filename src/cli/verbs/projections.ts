import type { Projection } from "#client/schema.ts";
import type { Verb } from "../cli.ts";
import { duration } from "../format.ts";

/** How far a rebuild is, in words. */
function progressWords({ progress }: Projection): string | undefined {
  if (progress === undefined) return undefined;
  if (progress === null) return "not begun";
  const { percent, events_per_second, seconds_left } = progress;
  return `${String(percent)}%, ${String(events_per_second)} events/s${seconds_left === null ? "" : `, ${duration(seconds_left)} left`}`;
}

const look = "`agenthub projections list` shows how far it is\n";

/** `agenthub projections list | rebuild | switch | drop | parked | replay`: read models and where they stand. */
export const projections: Verb = (cli) => {
  const group = cli.verb("projections", "List read models, build one anew, go back to what was before, replay what was parked (operators)", ["agenthub projections list", "agenthub projections rebuild instances"]);

  cli.verb("list", "List read models and where they stand", "agenthub projections list", group)
    .action(cli.as("operator", async ({ client, out, wait }) => {
      const answer = await wait("Listing read models", () => client.listProjections());
      out.show(answer, () => out.table([
        { name: "name", value: (one) => one.name }, { name: "version", value: (one) => one.version, right: true },
        { name: "state", value: (one) => one.status }, { name: "progress", value: (one) => progressWords(one) },
        { name: "parked", value: (one) => one.parked, right: true }, { name: "before", value: (one) => one.previous },
        { name: "position", value: (one) => one.position }, { name: "readers use", value: (one) => one.collection }, { name: "detail", value: (one) => one.detail },
      ], answer.projections));
    }));

  cli.verb("rebuild", "Build a read model anew beside the live one; readers change over when it is done", "agenthub projections rebuild instances", group)
    .argument("<name>", "its name, as listed")
    .action(cli.as("operator", async ({ client, out, wait }, name = "") => {
      const answer = await wait("Asking for it", () => client.rebuildProjection(name));
      out.show(answer, () => `${answer.message}\n${look}`);
    }));

  cli.verb("switch", "Go back to what was live before the last rebuild or upgrade", "agenthub projections switch instances", group)
    .argument("<name>", "its name, as listed")
    .action(cli.as("operator", async ({ client, out, wait }, name = "") => {
      const answer = await wait("Asking for it", () => client.switchProjection(name));
      out.show(answer, () => `${answer.message}\n${look}`);
    }));

  cli.verb("drop", "Remove what was live before the last rebuild or upgrade", "agenthub projections drop instances", group)
    .argument("<name>", "its name, as listed")
    .action(cli.as("operator", async ({ client, out, wait }, name = "") => {
      const answer = await wait("Removing it", () => client.dropPreviousProjection(name));
      out.show(answer, () => `${answer.dropped} is removed\n`);
    }));

  cli.verb("parked", "List events that read models had to pass over", "agenthub projections parked", group)
    .action(cli.as("operator", async ({ client, out, wait }) => {
      const answer = await wait("Listing parked events", () => client.listParked({ limit: 100 }));
      out.show(answer, () => out.table([
        { name: "read model", value: (one) => (one.projection === "*" ? "all" : one.projection) }, { name: "stream", value: (one) => one.stream },
        { name: "revision", value: (one) => one.revision, right: true }, { name: "type", value: (one) => one.type }, { name: "reason", value: (one) => one.reason },
      ], answer.parked, "nothing is parked"));
    }));

  cli.verb("replay", "Fold parked events once more, by building the read models anew that they concern", "agenthub projections replay", group)
    .action(cli.as("operator", async ({ client, out, wait }) => {
      const answer = await wait("Asking for it", () => client.replayParked());
      out.show(answer, () => (answer.projections.length === 0 ? "nothing is parked\n" : `being built anew: ${answer.projections.join(", ")}; ${look}`));
    }));
};
