import { z } from "zod";
import { agentVersion } from "../agent/agent.ts";
import { resources } from "../agent/resources.ts";
import { price } from "../billing/price.ts";
import { type EventOf, eventType } from "../kernel/event.ts";
import { accountId, agentId, day, instanceId, instant } from "../kernel/ids.ts";

/** The reason of an end that is the engine's doing, not the agent's. */
export const engineStopped = "engine-stopped";

const it = { instance_id: instanceId };
/** A short machine-readable reason, and words for a person. */
const why = { reason: z.string(), detail: z.string().optional() };
/** Where the instance's agent answers; the container is named by instance and attempt. */
const place = { attempt: z.number().int(), address: z.string(), container_id: z.string().optional() };

/** Pins everything that the instance runs and pays by, for its whole life. */
export const instanceRequested = eventType("InstanceRequested", z.object({
  ...it, agent_id: agentId, agent_name: z.string(), publisher_id: accountId, customer_id: accountId,
  release: agentVersion, price, resources,
  /** The configuration as asked for; of the environment the names alone. */
  config: z.object({
    memory_limit: z.string().optional(), cpu_limit: z.string().optional(), env_names: z.array(z.string()),
    labels: z.record(z.string(), z.string()),
  }),
  /** The engine that runs it; `none` for a standard agent. */
  engine: z.string(),
  secret_ref: z.string().optional(),
}));
export const instanceRejected = eventType("InstanceRejected", z.object({ ...it, ...why }));
export const instanceStarted = eventType("InstanceStarted", z.object({ ...it, ...place }));
export const instanceStartFailed = eventType("InstanceStartFailed", z.object({ ...it, attempt: z.number().int(), ...why }));
export const pauseRequested = eventType("PauseRequested", z.object({ ...it, reason: z.string() }));
export const instancePaused = eventType("InstancePaused", z.object(it));
export const pauseFailed = eventType("PauseFailed", z.object({ ...it, ...why }));
export const resumeRequested = eventType("ResumeRequested", z.object({ ...it, reason: z.string() }));
export const instanceResumed = eventType("InstanceResumed", z.object({ ...it, address: z.string().optional() }));
export const resumeFailed = eventType("ResumeFailed", z.object({ ...it, ...why }));
export const healthDegraded = eventType("HealthDegraded", z.object({ ...it, ...why, last_heartbeat: instant.optional() }));
export const healthRecovered = eventType("HealthRecovered", z.object(it));
/** `ran_until` is the engine's finish time, else the last good probe: the clock stops there. */
export const instanceExited = eventType("InstanceExited", z.object({
  ...it, ran_until: instant, exit_code: z.number().int().optional(), out_of_memory: z.boolean(), ...why,
}));
export const instanceRestarted = eventType("InstanceRestarted", z.object({ ...it, ...place }));
/** Time of an outage that nothing proves the agent to have run in: it costs nothing. */
export const timeUnproven = eventType("TimeUnproven", z.object({ ...it, from: instant, to: instant }));
export const instanceFailed = eventType("InstanceFailed", z.object({ ...it, ran_until: instant, ...why }));
export const terminationRequested = eventType("TerminationRequested", z.object({ ...it, reason: z.string() }));
export const instanceTerminated = eventType("InstanceTerminated", z.object(it));
export const terminationFailed = eventType("TerminationFailed", z.object({ ...it, ...why }));
/** The roster of days that hold usage of the instance. */
export const usageDayOpened = eventType("UsageDayOpened", z.object({ ...it, day }));

/** Every event type of an instance's stream. */
export const instanceEvents = [
  instanceRequested, instanceRejected, instanceStarted, instanceStartFailed, pauseRequested, instancePaused, pauseFailed,
  resumeRequested, instanceResumed, resumeFailed, healthDegraded, healthRecovered, instanceExited, instanceRestarted,
  timeUnproven, instanceFailed, terminationRequested, instanceTerminated, terminationFailed, usageDayOpened,
] as const;
/** Everything that can happen to an instance. */
export type InstanceEvent = EventOf<(typeof instanceEvents)[number]>;
/** What an instance was asked to be. */
export type InstanceRequest = EventOf<typeof instanceRequested>["data"];
