import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";
import { buildNodeAgentFolder } from "#infra/images/folder.ts";
import { canBuildNodeAgents } from "#infra/images/node-agent.ts";
import { readConfig } from "./config.ts";
import type { Environment } from "./environment.ts";
import type { Started } from "./start.ts";

const samples = ["echo", "acp-summary"] as const;
const folder = (name: string): string => fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url));
const say = (text: string): void => { process.stdout.write(`${text}\n`); };

interface Registered {
  readonly agent_id: string;
  readonly name: string;
}

async function call<T>({ url, credentials }: Started, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(url + path, {
    method, headers: { authorization: `Bearer ${credentials.publisher_key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return await response.json() as T;
}

/** Builds a sample's image out of the running Node and registers it; both again change nothing. */
async function register(started: Started, name: string, address: string | undefined): Promise<Registered> {
  const manifest = load(await readFile(`${folder(name)}agent.yaml`, "utf8")) as { docker: { image: string } };
  const tag = manifest.docker.image;
  await buildNodeAgentFolder(address, folder(name), { tag, entry: "agent.mjs" });
  return await call<Registered>(started, "POST", "/agents/register-docker", { docker_image: tag, metadata: manifest });
}

async function registerAll(started: Started, environment: Environment): Promise<Registered[]> {
  const { AGENTHUB_DOCKER: wanted } = readConfig(environment);
  const { engines } = await call<{ engines: { name: string; ok?: boolean; healthy?: boolean }[] }>(
    { ...started, credentials: { ...started.credentials, publisher_key: started.credentials.admin_key } }, "GET", "/admin/engines");
  if (engines.length === 0 || !canBuildNodeAgents()) return [];
  const registered: Registered[] = [];
  for (const name of samples) {
    say(`  building and registering the sample agent "${name}" ...`);
    registered.push(await register(started, name, wanted === "auto" ? undefined : wanted));
  }
  return registered;
}

function next({ url, credentials }: Started, agents: readonly Registered[]): string {
  const cli = "node bin/agenthub.mjs";
  const { port } = new URL(url);
  const server = port === "8080" ? "" : ` --server ${url}`;
  const [echo] = agents;
  return [
    "",
    `AgentHub is at ${url}   (the dashboard; sign in with a key below)`,
    "",
    `  operator key    ${credentials.admin_key}`,
    `  publisher key   ${credentials.publisher_key}`,
    `  customer key    ${credentials.customer_key}`,
    "  (kept in credentials.json in the data folder; the CLI finds them there)",
    "",
    "What to try next, in another terminal:",
    "",
    `  ${cli} marketplace-discover${server}`,
    ...(echo === undefined
      ? ["", "  No container engine answered, so no sample agent is registered. Start Docker and this again,",
        `  or register an agent that runs elsewhere:  ${cli} example-config --output agent.yaml`]
      : [`  ${cli} instance-create ${echo.agent_id}${server}`,
        `  ${cli} instance-execute INSTANCE_ID --endpoint /echo --parameters '{"hello":"world"}'${server}`,
        `  ${cli} dashboard${server}`]),
    `  ${cli} --help`,
    "",
    "Ctrl-C stops it; instances go on and are found again at the next start.",
  ].join("\n");
}

/** Registers the sample agents where an engine answers, and tells a person what to try. */
export async function demonstrate(started: Started, environment: Environment): Promise<void> {
  let agents: Registered[] = [];
  try {
    agents = await registerAll(started, environment);
  } catch (error) {
    say(`  the sample agents could not be registered: ${(error as Error).message}`);
  }
  say(next(started, agents));
}
