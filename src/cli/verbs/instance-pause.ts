import type { Verb } from "../cli.ts";
import { intentVerb } from "../intent.ts";

/** `agenthub instance-pause`: freezes an instance. */
export const instancePause: Verb = (cli) => intentVerb(cli, {
  name: "instance-pause", summary: "Pause an instance; it costs nothing until it is resumed", label: "Pausing the instance", wanted: "paused",
  example: "agenthub instance-pause instance-67890 --api-key your-key",
  send: (client, id) => client.pauseInstance(id, { wait: false }),
});
