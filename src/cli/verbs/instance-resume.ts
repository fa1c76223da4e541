import type { Verb } from "../cli.ts";
import { intentVerb } from "../intent.ts";

/** `agenthub instance-resume`: lets a paused instance go on. */
export const instanceResume: Verb = (cli) => intentVerb(cli, {
  name: "instance-resume", summary: "Resume a paused instance", label: "Resuming the instance", wanted: "running",
  example: "agenthub instance-resume instance-67890 --api-key your-key",
  send: (client, id) => client.resumeInstance(id, { wait: false }),
});
