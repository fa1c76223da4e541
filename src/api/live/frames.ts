import { z } from "zod";
import { isTransition, lifecycleStage, transitions } from "#domain/instance/transitions.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { instanceOf, type Fact } from "#projections/projection.ts";
import { describe } from "#projections/words.ts";
import type { MetricSample } from "#reactions/ports.ts";
import { instanceStatus, money } from "../rest/outputs.ts";

const text = z.string();
const figure = z.number().nullable();

/** What the server emits, by name. Status and health frames are functions of one event and carry its cursor. */
export const frameData = {
  "instance.status": z.strictObject({
    instance_id: text, agent_id: text.nullable(), status: instanceStatus, lifecycle_stage: text, event: text, reason: text.nullable(), description: text,
  }),
  "instance.health": z.strictObject({ instance_id: text, agent_id: text.nullable(), healthy: z.boolean(), last_heartbeat: text.nullable(), reason: text.nullable() }),
  "agent.changed": z.strictObject({ agent_id: text, change: text, description: text }),
  "instance.metrics": z.strictObject({
    instance_id: text, cpu_usage: figure, memory_usage: figure, network_usage: figure, memory_bytes: figure, memory_limit_bytes: figure,
    network_rx_bytes: figure, network_tx_bytes: figure, healthy: z.boolean(), response_ms: figure, sampled_at: text,
  }),
  // A socket's reader makes doubles of numbers: millionths as text keep every digit.
  "cost.update": z.strictObject({
    instance_id: text, total_cost: money, total_cost_micros: text, rate_per_hour: money, rate_per_hour_micros: text, as_of: text,
  }),
} as const;

/** The name of a frame. */
export type FrameType = keyof typeof frameData;

/** Something that happened, as a socket is told. */
export interface Frame {
  /** Where to resume after this frame; metrics and costs have none. */
  readonly cursor?: string;
  readonly at: string;
  readonly type: FrameType;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A frame with the rooms that hear it. */
export interface Addressed {
  readonly frame: Frame;
  readonly rooms: readonly string[];
}

/** Who hears what. */
export const rooms = {
  instances: (account: string) => `instances ${account}`,
  instance: (id: string) => `instance ${id}`,
  billing: (account: string) => `billing ${account}`,
  agents: "agents",
} as const;

const agentChanges: Readonly<Record<string, string>> = {
  AgentRegistered: "registered", AgentVersionPublished: "version_published", AgentUpdated: "updated",
  AgentPriceChanged: "price_changed", AgentDeregistered: "deregistered",
};

const reasonOf = (data: object): string | null => ("reason" in data && typeof data.reason === "string" ? data.reason : null);

/** The frame of an event; null when nobody is told. A pure function of the event. */
export function frameOf(event: StoredEvent, cursorOf: (position: string) => string): Addressed | null {
  const fact = event as Fact;
  const { metadata: { recorded_at: at, account, agent } } = event;
  const change = agentChanges[event.type];
  if (change !== undefined) {
    const { agent_id } = event.data as { agent_id: string };
    return { frame: { cursor: cursorOf(event.position), at, type: "agent.changed", data: { agent_id, change, description: describe(fact) } }, rooms: [rooms.agents] };
  }
  const instance_id = instanceOf(fact);
  if (instance_id === null) return null;
  const heard = [rooms.instances(account), rooms.instance(instance_id)];
  const about = { instance_id, agent_id: agent ?? null };
  if (isTransition(event.type)) {
    const status = transitions[event.type].to;
    const data = { ...about, status, lifecycle_stage: lifecycleStage(status), event: event.type, reason: reasonOf(event.data as object), description: describe(fact) };
    return { frame: { cursor: cursorOf(event.position), at, type: "instance.status", data }, rooms: heard };
  }
  if (fact.type !== "HealthDegraded" && fact.type !== "HealthRecovered") return null;
  const healthy = fact.type === "HealthRecovered";
  const last_heartbeat = fact.type === "HealthDegraded" ? fact.data.last_heartbeat ?? null : at;
  return { frame: { cursor: cursorOf(event.position), at, type: "instance.health", data: { ...about, healthy, last_heartbeat, reason: reasonOf(fact.data) } }, rooms: heard };
}

/** The frame of a sample. */
export function metricsFrame(sample: MetricSample): Frame {
  const { instance_id, cpu_percent, memory_bytes, memory_limit_bytes, network_rx_bytes: rx, network_tx_bytes: tx, healthy, response_ms } = sample;
  const sampled_at = new Date(sample.at).toISOString();
  return {
    at: sampled_at, type: "instance.metrics",
    data: {
      instance_id, cpu_usage: cpu_percent, memory_usage: memory_bytes === null || !memory_limit_bytes ? null : (100 * memory_bytes) / memory_limit_bytes,
      network_usage: rx === null && tx === null ? null : (rx ?? 0) + (tx ?? 0), memory_bytes, memory_limit_bytes,
      network_rx_bytes: rx, network_tx_bytes: tx, healthy, response_ms, sampled_at,
    },
  };
}

/** Events after which a bill grows at another rate, or has another total. */
export const slopeChanges: ReadonlySet<string> = new Set([
  "InstanceStarted", "InstanceResumed", "InstanceRestarted", "PauseRequested", "PauseFailed", "TerminationRequested", "InstanceExited",
  "InstanceFailed", "TimeUnproven", "TaskSucceeded", "UsageRecorded",
]);
