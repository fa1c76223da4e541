import type { Aggregate } from "../kernel/aggregate.ts";
import type { Recorded } from "../kernel/event.ts";
import { engineStopped, type InstanceEvent, type InstanceRequest, instanceEvents } from "./events.ts";
import { type InstanceStatus, isTransition, transitions } from "./transitions.ts";

/** An instance as its stream folds. */
export interface InstanceState {
  readonly status: InstanceStatus;
  readonly request: InstanceRequest | null;
  readonly requested_at: string;
  /** The attempt that runs or ran last; 0 before the first. */
  readonly attempt: number;
  readonly address: string | null;
  readonly container_id: string | null;
  readonly started_at: string | null;
  readonly paused_at: string | null;
  readonly stopped_at: string | null;
  /** When the present status began. */
  readonly since: string;
  /** When the clock last began to run; what a `ran_until` is clamped to. */
  readonly clock_from: string | null;
  readonly healthy: boolean | null;
  readonly error_count: number;
  readonly last_error: string | null;
  /** When it exited by itself, oldest first: what the crash-loop limit counts. */
  readonly exits: readonly string[];
  /** Why it failed or was rejected. */
  readonly failure: { readonly reason: string; readonly detail?: string | undefined } | null;
  readonly usage_days: readonly string[];
}

const clockStarts = new Set(["InstanceStarted", "InstanceResumed", "InstanceRestarted", "PauseFailed"]);
const failures = new Set(["InstanceRejected", "InstanceStartFailed", "InstanceFailed"]);

function detailsOf(state: InstanceState, event: Recorded<InstanceEvent>): Partial<InstanceState> {
  const at = event.metadata.recorded_at;
  switch (event.type) {
    case "InstanceRequested":
      return { request: event.data, requested_at: at };
    case "InstanceStarted":
    case "InstanceRestarted":
      return {
        attempt: event.data.attempt, address: event.data.address, container_id: event.data.container_id ?? null,
        started_at: state.started_at ?? at, healthy: true,
      };
    case "InstanceStartFailed":
      return { attempt: event.data.attempt, healthy: false, error_count: state.error_count + 1, last_error: event.data.detail ?? event.data.reason, stopped_at: at };
    case "InstancePaused":
      return { paused_at: at };
    case "InstanceResumed":
      return { paused_at: null, healthy: true, address: event.data.address ?? state.address };
    case "HealthDegraded":
      return { healthy: false, error_count: state.error_count + 1, last_error: event.data.detail ?? event.data.reason };
    case "HealthRecovered":
      return { healthy: true };
    case "InstanceExited":
      return { exits: event.data.reason === engineStopped ? state.exits : [...state.exits.slice(-19), at], healthy: false, error_count: state.error_count + 1, last_error: event.data.detail ?? event.data.reason };
    case "InstanceFailed":
      return { healthy: false, error_count: state.error_count + 1, last_error: event.data.detail ?? event.data.reason, stopped_at: at };
    case "InstanceRejected":
      return { stopped_at: at };
    case "InstanceTerminated":
      return { stopped_at: state.stopped_at ?? at };
    case "UsageDayOpened":
      return { usage_days: [...state.usage_days, event.data.day] };
    default:
      return {};
  }
}

/** Folds an instance's stream. */
export const instance: Aggregate<InstanceState, InstanceEvent> = {
  name: "instance",
  initial: () => ({
    status: "none", request: null, requested_at: "", attempt: 0, address: null, container_id: null, started_at: null,
    paused_at: null, stopped_at: null, since: "", clock_from: null, healthy: null, error_count: 0, last_error: null,
    exits: [], failure: null, usage_days: [],
  }),
  events: instanceEvents,
  evolve(state, event) {
    const at = event.metadata.recorded_at;
    const next: InstanceState = { ...state, ...detailsOf(state, event) };
    const moved = isTransition(event.type) ? { ...next, status: transitions[event.type].to, since: at } : next;
    const failed = failures.has(event.type) && "reason" in event.data
      ? { ...moved, failure: { reason: event.data.reason, detail: "detail" in event.data ? event.data.detail : undefined } } : moved;
    return clockStarts.has(event.type) ? { ...failed, clock_from: at } : failed;
  },
};
