import { issueApiKey } from "#commands/account/issue-api-key.ts";
import { revokeApiKey } from "#commands/account/revoke-api-key.ts";
import { changePrice, updateAgent } from "#commands/agent/change-agent.ts";
import { priceInput } from "#domain/billing/price.ts";
import { manifestInput } from "#domain/agent/manifest.ts";
import type { AgentSubmission } from "#reactions/services.ts";
import type { Books, KnownAgent } from "./books.ts";
import type { Wish } from "./clients.ts";
import type { Random } from "./random.ts";
import { images, type Scene } from "./scene.ts";

/** What wishes are made of. */
export interface Makings {
  readonly scene: Scene;
  readonly random: Random;
  readonly books: Books;
  readonly publishers: readonly string[];
  readonly customers: readonly string[];
  /** A key now and then; the number makes it new. */
  key(): string | undefined;
}

const prices = [
  { type: "per_request", price: "0.013" }, { type: "per_minute", price: "0.000333", increment_s: 60 }, { type: "per_hour", price: "1.999999999999" },
  { type: "hybrid", base_price: "5", price_per_hour: "0.1", price_per_request: "0.01" },
  { type: "hybrid", base_price: "30", base_period: "month", price_per_minute: "0.07", increment_s: 7 },
] as const;

function submissionOf({ random }: Makings, name: string, kind: KnownAgent["kind"], version: string): AgentSubmission {
  const secret = random.chance(0.3);
  const docker = { image: random.one<string>([...images]), configurable_env: ["MODEL"], ...(secret ? { env: { TOKEN: "secret" } } : {}) };
  const manifest = manifestInput.parse({
    name, version, pricing: random.pick(prices), limits: { max_instances: random.int(1, 3) }, protocol: random.one(["http", "http", "acp"]),
    ...(kind === "docker" ? { docker } : { endpoint: `https://${name}.example.com` }),
  });
  return { kind, manifest };
}

/** A publisher registers an agent, or a new version of one. */
export function register(makings: Makings): Wish | null {
  const { random, books } = makings;
  const [publisher, name] = [random.pick(makings.publishers) ?? "", `agent-${random.int(1, 4)}`];
  const known = [...books.agents.values()].find((agent) => agent.publisher === publisher && agent.name === name);
  const kind = known?.kind ?? (random.chance(0.7) ? "docker" : "standard");
  const version = `${random.int(1, 5)}.0`;
  const submission = submissionOf(makings, name, kind, version);
  const key = makings.key();
  return {
    label: `${publisher.slice(-2)} ${known === undefined ? "registers" : "publishes"} ${name} ${version} (${kind})`, account: publisher, key,
    async attempt({ services: { agents } }, request) {
      const agent_id = agents.agentIdOf(publisher, name);
      const written = known === undefined ? await agents.register(submission, request) : await agents.publishVersion(agent_id, submission, request);
      books.acknowledge(request.command_id, `${name} ${version}`, written.changed);
      books.sameAnswer(key, agent_id);
      books.agents.set(agent_id, { agent_id, publisher, name, kind: written.state.release?.type ?? kind });
      return written.changed ? "written" : "nothing new";
    },
  };
}

/** A publisher changes what an agent costs or how it is described. */
export function change(makings: Makings): Wish | null {
  const { random, books } = makings;
  const agent = random.pick([...books.agents.values()]);
  if (agent === undefined) return null;
  const { agent_id, publisher } = agent;
  const price = priceInput.parse(random.pick(prices));
  const description = `description ${random.int(1, 3)}`;
  const dearer = random.chance(0.6);
  return {
    label: `${dearer ? "price" : "description"} of ${agent.name}`, account: publisher,
    async attempt({ services: { executor } }, request) {
      const own = { ...request, agent: agent_id };
      const { events } = dearer ? await executor.execute(changePrice, { agent_id, price }, own) : await executor.execute(updateAgent, { agent_id, profile: { description } }, own);
      books.acknowledge(request.command_id, `a change of ${agent.name}`, events.length > 0);
      return `${events.length} events`;
    },
  };
}

/** A publisher takes an agent out of the marketplace. */
export function deregister(makings: Makings): Wish | null {
  const { random, books } = makings;
  const agent = random.pick([...books.agents.values()]);
  if (agent === undefined) return null;
  const key = makings.key();
  return {
    label: `deregisters ${agent.name}`, account: agent.publisher, key,
    async attempt({ services: { agents } }, request) {
      const written = await agents.deregister(agent.agent_id, "no longer served", request);
      books.acknowledge(request.command_id, `deregistration of ${agent.name}`, written.changed);
      return written.state.status;
    },
  };
}

/** Somebody gets another API key, or has one taken away. */
export function keys(makings: Makings): Wish | null {
  const { random, books } = makings;
  const account = random.pick([...makings.publishers, ...makings.customers]) ?? "";
  const old = random.chance(0.5) ? random.pick(books.keys) : undefined;
  if (old !== undefined) return {
    label: `revokes ${old.key_id}`, account: old.account,
    async attempt({ services: { executor } }, request) {
      const { events } = await executor.execute(revokeApiKey, { account_id: old.account, key_id: old.key_id }, request);
      books.acknowledge(request.command_id, `revocation of ${old.key_id}`, events.length > 0);
      return `${events.length} events`;
    },
  };
  const number = random.int(1, 1_000_000_000);
  const key = makings.key();
  return {
    label: `gets key ${number}`, account, key,
    async attempt({ services: { executor } }, request) {
      const key_id = `key-${number}`;
      const { events } = await executor.execute(issueApiKey, { account_id: account, key_id, key_hash: `hash-${number}`, hint: "ah_1..." }, request);
      books.acknowledge(request.command_id, key_id, events.length > 0);
      books.keys.push({ account, key_id });
      return `${events.length} events`;
    },
  };
}
