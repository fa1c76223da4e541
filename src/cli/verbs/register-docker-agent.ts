import type { Manifest } from "#client/schema.ts";
import type { Verb } from "../cli.ts";
import { usageError } from "../exit.ts";
import { readManifest } from "../manifest-file.ts";
import { type RegistryFlags, registryLogin, registryOptions } from "../registry-login.ts";
import { registrationWords } from "../show-agent.ts";

/** The image that a manifest names for itself. */
export function imageIn({ docker }: Manifest): string | undefined {
  const image: unknown = docker?.image;
  return typeof image === "string" ? image : undefined;
}

/** `agenthub register-docker-agent`: an agent that AgentHub runs as containers. */
export const registerDockerAgent: Verb = (cli) => {
  const command = cli.verb("register-docker-agent", "Register an agent that runs as a Docker container", [
    "agenthub register-docker-agent --config agent.yaml --docker-image myrepo/agent:latest",
    "AGENTHUB_REGISTRY_PASSWORD=... agenthub register-docker-agent --config agent.yaml --docker-image myrepo/agent:v1.0 --registry-user myuser",
  ])
    .requiredOption("--config <file>", "the agent's manifest, YAML or JSON; `-` reads standard input")
    .option("--docker-image <image>", "the image, such as myrepo/agent:v1.0 (default: docker.image of the manifest)");
  registryOptions(command).action(cli.as<RegistryFlags & { config: string; dockerImage?: string }>("publisher", async ({ client, flags, io, out, wait }) => {
    const manifest = await readManifest(io, flags.config, "docker");
    const image = flags.dockerImage ?? imageIn(manifest);
    if (image === undefined) throw usageError("which image? Neither --docker-image nor docker.image of the manifest says", "Add --docker-image myrepo/agent:v1.0.");
    const login = await registryLogin(io, flags);
    const made = await wait(`Registering ${image}`, () => client.registerDockerAgent(image, manifest, login));
    out.show(made, () => registrationWords(made, out));
  }, { creates: true }));
};
