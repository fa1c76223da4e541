import { engineStopped } from "#domain/instance/events.ts";
import type { Fact } from "./projection.ts";

const because = (data: { reason: string; detail?: string | undefined }): string => `${data.detail ?? data.reason}`;

/** Words for a person, by event type; what concerns nobody but the machine has none. */
const words: { readonly [T in Fact["type"]]?: (event: Fact<T>) => string } = {
  AccountOpened: ({ data }) => `Account "${data.name}" was opened`,
  ApiKeyIssued: ({ data }) => `API key ${data.label === undefined ? data.hint : `"${data.label}"`} was issued`,
  ApiKeyRevoked: ({ data }) => `API key ${data.key_id} was revoked`,
  AgentRegistered: ({ data }) => `Agent "${data.name}" ${data.release.version} was registered`,
  AgentVersionPublished: ({ data }) => `Version ${data.release.version} of agent "${data.name}" was published`,
  AgentUpdated: () => "An agent's description was changed",
  AgentPriceChanged: ({ data }) => `An agent's price was changed to ${data.price.type.replaceAll("_", " ")}, for new instances`,
  AgentDeregistered: () => "An agent was deregistered",
  InstanceRequested: ({ data }) => `An instance of "${data.agent_name}" ${data.release.version} was requested`,
  InstanceRejected: ({ data }) => `The instance was rejected: ${because(data)}`,
  InstanceStarted: () => "The instance started",
  InstanceStartFailed: ({ data }) => `The instance could not start: ${because(data)}`,
  PauseRequested: () => "A pause was requested; the clock stands",
  InstancePaused: () => "The instance is paused",
  PauseFailed: ({ data }) => `The instance could not be paused and runs on: ${because(data)}`,
  ResumeRequested: () => "The instance is to resume",
  InstanceResumed: () => "The instance runs again",
  ResumeFailed: ({ data }) => `The instance could not resume and stays paused: ${because(data)}`,
  HealthDegraded: ({ data }) => `The agent does not answer its health checks: ${because(data)}`,
  HealthRecovered: () => "The agent answers its health checks again",
  InstanceExited: ({ data }) => `The instance ${data.reason === engineStopped ? "ended" : "exited by itself"}${data.out_of_memory ? ", out of memory" : ""}: ${because(data)}`,
  InstanceRestarted: ({ data }) => `The instance was restarted (attempt ${data.attempt})`,
  TimeUnproven: ({ data }) => `Nothing proves that it ran from ${data.from} to ${data.to}; that time costs nothing`,
  InstanceFailed: ({ data }) => `The instance failed: ${because(data)}`,
  TerminationRequested: () => "Termination was requested; the clock stands",
  InstanceTerminated: () => "The instance is terminated",
  TerminationFailed: ({ data }) => `The instance could not be terminated and will be tried again: ${because(data)}`,
  TaskAdmitted: ({ data }) => `A task for ${data.endpoint} was admitted`,
  TaskSucceeded: ({ data }) => `A task succeeded after ${data.execution_ms / 1000} s`,
  TaskFailed: ({ data }) => `A task failed: ${data.detail}`,
  TaskTimedOut: () => "A task timed out",
  TaskCancelled: ({ data }) => `A task was cancelled: ${data.reason}`,
  TaskLost: () => "A task was lost; it costs nothing",
  UsageRecorded: ({ data }) => `Usage was reported: ${data.quantity} ${data.meter}`,
  UsageDayOpened: ({ data }) => `First usage of ${data.day.slice(0, 4)}-${data.day.slice(4, 6)}-${data.day.slice(6)}`,
};

/** What happened, in words. */
export function describe(event: Fact): string {
  const say = words[event.type] as ((event: Fact) => string) | undefined;
  return say?.(event) ?? event.type.replaceAll(/(?<!^)([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** One event as an account's or an instance's history shows it. */
export const eventView = (event: Fact) => ({
  event_id: event.id, type: event.type, at: event.metadata.recorded_at, actor: event.metadata.actor, description: describe(event),
  revision: event.revision, position: event.position, data: event.data,
});
