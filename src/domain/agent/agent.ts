import { z } from "zod";
import { price } from "../billing/price.ts";
import type { Aggregate } from "../kernel/aggregate.ts";
import { type EventOf, eventType } from "../kernel/event.ts";
import { accountId, agentId } from "../kernel/ids.ts";
import { resources } from "./resources.ts";

/** One version of an agent as an event pins it: the manifest without environment values or credentials. */
export const agentVersion = z.object({
  version: z.string(),
  type: z.enum(["docker", "standard"]),
  protocol: z.enum(["http", "acp"]),
  /** Standard agents: the publisher's base URL. */
  endpoint: z.string().optional(),
  /** Docker agents: the reference as given, and the content that it named at registration. */
  docker: z.object({
    image: z.string(), image_digest: z.string(), port: z.number().int(), env_names: z.array(z.string()),
    configurable_env: z.array(z.string()), pull: z.enum(["missing", "always"]), stop_grace: z.number().int(),
  }).optional(),
  endpoints: z.array(z.object({
    path: z.string(), method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]), description: z.string().optional(),
    timeout: z.number().optional(), parameters: z.record(z.string(), z.unknown()).optional(),
  })),
  health_path: z.string(),
  max_instances: z.number().int(),
  resources,
  /** Where the environment's values and registry credentials live in the system store, if there are any. */
  secret_ref: z.string().optional(),
  /** SHA-256 over everything above and the secrets, for telling the same content from other content. */
  content_hash: z.string(),
});
/** One registered version. */
export type AgentVersion = z.infer<typeof agentVersion>;

/** What describes an agent without changing how it runs. */
export const agentProfile = z.object({
  description: z.string(), category: z.string(), tags: z.array(z.string()), runtime: z.string().optional(),
  author: z.string().optional(), license: z.string().optional(), capabilities: z.array(z.string()),
  requirements: z.array(z.string()), documentation_url: z.string().optional(), repository_url: z.string().optional(),
});
/** Descriptive fields of an agent. */
export type AgentProfile = z.infer<typeof agentProfile>;

const identity = { agent_id: agentId, publisher_id: accountId, name: z.string() };

export const agentRegistered = eventType("AgentRegistered", z.object({ ...identity, profile: agentProfile, release: agentVersion, price }));
export const agentVersionPublished = eventType("AgentVersionPublished", z.object({ ...identity, profile: agentProfile, release: agentVersion, price }));
export const agentUpdated = eventType("AgentUpdated", z.object({ agent_id: agentId, profile: agentProfile, endpoints: agentVersion.shape.endpoints }));
export const agentPriceChanged = eventType("AgentPriceChanged", z.object({ agent_id: agentId, price }));
export const agentDeregistered = eventType("AgentDeregistered", z.object({ agent_id: agentId, reason: z.string().optional() }));

/** Everything that can happen to an agent. */
export type AgentEvent = EventOf<typeof agentRegistered> | EventOf<typeof agentVersionPublished>
  | EventOf<typeof agentUpdated> | EventOf<typeof agentPriceChanged> | EventOf<typeof agentDeregistered>;

/** An agent as its stream folds. */
export interface AgentState {
  readonly status: "none" | "registered" | "deregistered";
  readonly agent_id: string;
  readonly publisher_id: string;
  readonly name: string;
  readonly profile: AgentProfile;
  /** The newest version; what a new instance runs. */
  readonly release: AgentVersion | null;
  readonly price: z.infer<typeof price> | null;
  /** Version to content hash, every version ever published. */
  readonly versions: Readonly<Record<string, string>>;
  /** The content of every image that a version ran from. */
  readonly images: readonly string[];
  readonly registered_at: string;
}

/** Folds an agent's stream. */
export const agent: Aggregate<AgentState, AgentEvent> = {
  name: "agent",
  initial: () => ({
    status: "none", agent_id: "", publisher_id: "", name: "", release: null, price: null, versions: {}, images: [], registered_at: "",
    profile: { description: "", category: "", tags: [], capabilities: [], requirements: [] },
  }),
  events: [agentRegistered, agentVersionPublished, agentUpdated, agentPriceChanged, agentDeregistered],
  evolve(state, event) {
    switch (event.type) {
      case "AgentRegistered":
      case "AgentVersionPublished": {
        const { profile, release, price: plan, agent_id, publisher_id, name } = event.data;
        const registered_at = event.type === "AgentRegistered" ? event.metadata.recorded_at : state.registered_at;
        const versions = { ...state.versions, [release.version]: release.content_hash };
        const images = release.docker === undefined ? state.images : [...new Set([...state.images, release.docker.image_digest])];
        return { status: "registered", agent_id, publisher_id, name, profile, release, price: plan, versions, images, registered_at };
      }
      case "AgentUpdated":
        return { ...state, profile: event.data.profile, release: state.release && { ...state.release, endpoints: event.data.endpoints } };
      case "AgentPriceChanged":
        return { ...state, price: event.data.price };
      case "AgentDeregistered":
        return { ...state, status: "deregistered" };
    }
  },
};
