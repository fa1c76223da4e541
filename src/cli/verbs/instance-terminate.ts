import type { Verb } from "../cli.ts";
import { intentVerb } from "../intent.ts";

/** `agenthub instance-terminate`: ends an instance and settles its bill. */
export const instanceTerminate: Verb = (cli) => intentVerb(cli, {
  name: "instance-terminate", summary: "Stop an instance for ever and settle its bill", label: "Terminating the instance", wanted: "stopped",
  example: "agenthub instance-terminate instance-67890 --api-key your-key --confirm",
  question: (id) => `Terminate ${id}? What it holds in memory is lost.`,
  send: (client, id) => client.terminateInstance(id, { wait: false }),
});
