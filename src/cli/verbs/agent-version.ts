import type { Verb } from "../cli.ts";
import { readManifest } from "../manifest-file.ts";
import { type RegistryFlags, registryLogin, registryOptions } from "../registry-login.ts";
import { registrationWords } from "../show-agent.ts";
import { imageIn } from "./register-docker-agent.ts";

/** `agenthub agent-version`: publishes a new version. */
export const agentVersion: Verb = (cli) => {
  const command = cli.verb("agent-version", "Publish a new version of an agent; running instances keep theirs", "agenthub agent-version agent-12345 --config agent.yaml --docker-image myrepo/agent:v1.1")
    .argument("<agent>", "the agent's id")
    .requiredOption("--config <file>", "the manifest with its new version; `-` reads standard input")
    .option("--docker-image <image>", "the new image of a Docker agent (default: docker.image of the manifest)");
  registryOptions(command).action(cli.as<RegistryFlags & { config: string; dockerImage?: string }>("publisher", async ({ client, flags, io, out, wait }, agent = "") => {
    const metadata = await readManifest(io, flags.config, "any");
    const docker_image = flags.dockerImage ?? imageIn(metadata);
    const registry_credentials = await registryLogin(io, flags);
    const made = await wait("Publishing the version", () => client.publishVersion(agent, { metadata, docker_image, registry_credentials }));
    out.show(made, () => registrationWords(made, out));
  }));
};
