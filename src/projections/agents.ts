import type { AgentProfile, AgentVersion } from "#domain/agent/agent.ts";
import { mainPrice, type Price } from "#domain/billing/price.ts";
import { price as priceNumber, sortableDecimal } from "./money.ts";
import type { PerformanceMetrics } from "./performance.ts";
import { each, type Fact, projection } from "./projection.ts";
import { textTokens, token } from "./search.ts";

/** An agent as the marketplace and its publisher list it. */
export interface AgentDocument {
  readonly agent_id: string;
  readonly publisher_id: string;
  readonly name: string;
  readonly profile: AgentProfile;
  readonly release: AgentVersion;
  readonly versions: readonly string[];
  readonly price: Price;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deregistered_at: string | null;
  /** Slots held. */
  readonly current_instances: number;
  /** Instances ever started. */
  readonly total_instances: number;
  readonly tasks_succeeded: number;
  readonly tasks_failed: number;
  // Sort keys and what indexes ask for.
  readonly listed: boolean;
  readonly name_key: string;
  readonly pricing_type: Price["type"];
  readonly price_key: string;
  /** Over all time, since a figure that moves with time alone must not be a sort key. */
  readonly success_rate: number | null;
  readonly tokens: readonly string[];
}

function successRate({ tasks_succeeded, tasks_failed }: Pick<AgentDocument, "tasks_succeeded" | "tasks_failed">): number | null {
  const ended = tasks_succeeded + tasks_failed;
  return ended === 0 ? null : tasks_succeeded / ended;
}

// Tasks are the most frequent events by far, and change nothing that is searched for.
const rated = (agent: AgentDocument): AgentDocument => ({ ...agent, success_rate: successRate(agent) });

function indexed(agent: Omit<AgentDocument, "listed" | "name_key" | "pricing_type" | "price_key" | "success_rate" | "tokens">): AgentDocument {
  const { profile, release, price } = agent;
  const listed = agent.deregistered_at === null;
  const available = listed && agent.current_instances < release.max_instances;
  return {
    ...agent, listed,
    name_key: agent.name.toLowerCase(),
    pricing_type: price.type,
    price_key: sortableDecimal(mainPrice(price)),
    success_rate: successRate(agent),
    tokens: [
      token("category", profile.category), token("protocol", release.protocol), token("type", release.type),
      token("publisher", agent.publisher_id), token("pricing", price.type), token("currency", price.currency),
      ...new Set(profile.tags.map((tag) => token("tag", tag))), ...(available ? ["available"] : []),
      ...textTokens(agent.name, profile.tags.join(" "), profile.category, profile.description),
    ],
  };
}

const released = (event: Fact<"AgentRegistered"> | Fact<"AgentVersionPublished">) => {
  const { agent_id, publisher_id, name, profile, release, price } = event.data;
  return { agent_id, publisher_id, name, profile, release, price, updated_at: event.metadata.recorded_at };
};

const listingSorts = { by_name: "name_key", by_newest: "created_at", by_success_rate: "success_rate", by_popularity: "total_instances" };

/** Agents by id. */
export const agents = projection<AgentDocument>({
  name: "agents",
  version: 1,
  indexes: [
    ...Object.entries(listingSorts).map(([name, sort]) => ({ name, equals: ["listed"], sort, tokens: true })),
    { name: "by_price", equals: ["listed", "pricing_type"], sort: "price_key", tokens: true },
    { name: "by_publisher", equals: ["publisher_id"], sort: "created_at", tokens: true },
    { name: "all", equals: [], sort: "created_at", tokens: true },
  ],
  key: (event) => ("agent_id" in event.data ? event.data.agent_id : event.metadata.agent),
  start: {
    AgentRegistered: (event) => indexed({
      ...released(event), versions: [event.data.release.version], created_at: event.metadata.recorded_at, deregistered_at: null,
      current_instances: 0, total_instances: 0, tasks_succeeded: 0, tasks_failed: 0,
    }),
  },
  on: {
    AgentVersionPublished: (agent, event) => indexed({ ...agent, ...released(event), versions: [...agent.versions, event.data.release.version] }),
    AgentUpdated: (agent, event) => indexed({
      ...agent, profile: event.data.profile, release: { ...agent.release, endpoints: event.data.endpoints }, updated_at: event.metadata.recorded_at,
    }),
    AgentPriceChanged: (agent, event) => indexed({ ...agent, price: event.data.price, updated_at: event.metadata.recorded_at }),
    AgentDeregistered: (agent, { metadata }) => indexed({ ...agent, deregistered_at: metadata.recorded_at, updated_at: metadata.recorded_at }),
    SlotReserved: (agent) => indexed({ ...agent, current_instances: agent.current_instances + 1 }),
    SlotReleased: (agent) => indexed({ ...agent, current_instances: agent.current_instances - 1 }),
    InstanceStarted: (agent) => indexed({ ...agent, total_instances: agent.total_instances + 1 }),
    TaskSucceeded: (agent) => rated({ ...agent, tasks_succeeded: agent.tasks_succeeded + 1 }),
    ...each(["TaskFailed", "TaskTimedOut", "TaskLost"], (agent: AgentDocument) => rated({ ...agent, tasks_failed: agent.tasks_failed + 1 })),
  },
});

/** A price plan with every amount as an exact number; `price` is the one that the short form shows. */
export const pricingInfo = (plan: Price) => ({
  type: plan.type, price: priceNumber(mainPrice(plan)), currency: plan.currency,
  base_price: priceNumber(plan.base_price), base_period: plan.base_period, price_per_request: priceNumber(plan.price_per_request),
  price_per_minute: priceNumber(plan.price_per_minute), price_per_hour: priceNumber(plan.price_per_hour), increment_s: plan.increment_s,
});

/** The specification's lifecycle stage of an agent. */
function agentStage(agent: AgentDocument): "registered" | "active" | "deregistered" {
  if (!agent.listed) return "deregistered";
  return agent.total_instances > 0 || agent.current_instances > 0 ? "active" : "registered";
}

const profileView = (profile: AgentProfile) => ({
  description: profile.description, category: profile.category, tags: profile.tags,
  capabilities: profile.capabilities, requirements: profile.requirements,
  runtime: profile.runtime ?? null, author: profile.author ?? null, license: profile.license ?? null,
  documentation_url: profile.documentation_url ?? null, repository_url: profile.repository_url ?? null,
});

// A standard agent's address is its publisher's own business: customers reach it through their instances.
const releaseView = ({ type, protocol, endpoints, docker, resources }: AgentVersion) => ({
  type, protocol, endpoints, docker_image: docker?.image ?? null, image_digest: docker?.image_digest ?? null,
  configurable_env: docker?.configurable_env ?? [], resources,
});

/** An agent as the API shows it; `customer_instances` are the caller's live ones. */
export function agentView(agent: AgentDocument, more: { customer_instances: number; performance: PerformanceMetrics }) {
  const { release } = agent;
  return {
    agent_id: agent.agent_id, id: agent.agent_id, name: agent.name, version: release.version, versions: agent.versions,
    ...profileView(agent.profile), ...releaseView(release),
    publisher_id: agent.publisher_id, lifecycle_stage: agentStage(agent),
    created_at: agent.created_at, updated_at: agent.updated_at,
    marketplace_info: {
      availability: {
        available: agent.listed && agent.current_instances < release.max_instances,
        max_instances: release.max_instances, current_instances: agent.current_instances,
      },
      pricing_info: pricingInfo(agent.price),
      customer_instances: more.customer_instances,
      total_instances: agent.total_instances,
      performance_metrics: more.performance,
    },
  };
}
