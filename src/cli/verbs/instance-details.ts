import type { Verb } from "../cli.ts";
import { instanceDetails as words } from "../show-instance.ts";
import { repeat, type WatchFlags, watchOptions } from "../watch.ts";

/** `agenthub instance-details`: one instance in full. */
export const instanceDetails: Verb = (cli) => {
  const command = cli.verb("instance-details", "Show an instance: status, health, resources, cost", "agenthub instance-details instance-67890 --api-key your-key")
    .argument("<instance>", "the instance's id");
  watchOptions(command).action(cli.as<WatchFlags>("customer", async ({ client, flags, io, out, wait }, id = "") => {
    await repeat(io, out, flags, async () => {
      const instance = await wait("Reading the instance", () => client.getInstance(id));
      out.show(instance, () => words(instance, out));
    });
  }));
};
