import type { InstanceEvent, InstanceRequest } from "#domain/instance/events.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { fromMillis, later, toMillis } from "#domain/kernel/time.ts";
import { backoffMs, crashLimit, limits, recentExits } from "./limits.ts";
import type { ObservedContainer } from "./ports.ts";

/** What a decision knows besides the folded instance and its container. */
export interface Facts {
  readonly slotHeld: boolean;
  /** Tasks that have not ended and whose executor may still end them. */
  readonly openTasks: number;
  /** Whether the driver holds the connection that it needs, if it needs one. */
  readonly connected: boolean;
  /** What the engine said of the image: nothing yet, that it is there, or why not. */
  readonly image: "unknown" | "pulling" | "ready" | { readonly reason: string; readonly detail: string };
  /** When a look last found the agent well; ISO, null when nobody looked. */
  readonly lastGood: string | null;
  /** The container's start as it was when the instance's clock began; another one means that it was restarted. */
  readonly provenStart: string | null;
}

/** The one next step towards what an instance should be. */
export type Action =
  | { readonly do: "nothing" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "reserve-slot" | "release-slot" | "pull" | "freeze" | "unfreeze" | "stop" | "remove" | "reconnect" }
  | { readonly do: "start"; readonly attempt: number }
  /** Connect and probe; a good probe records the named fact. */
  | { readonly do: "prove"; readonly then: "InstanceStarted" | "InstanceRestarted" | "InstanceResumed"; readonly attempt: number }
  | { readonly do: "record"; readonly fact: InstanceEvent };

const nothing: Action = { do: "nothing" };
const record = (fact: InstanceEvent): Action => ({ do: "record", fact });

interface View {
  readonly state: InstanceState;
  readonly request: InstanceRequest;
  readonly container: ObservedContainer | null;
  readonly now: number;
  readonly facts: Facts;
}

/** Why a container is no longer there to serve, in a reason and words. */
function ending(container: ObservedContainer | null): { reason: string; detail: string } {
  if (container === null) return { reason: "container-vanished", detail: "The container is gone; something outside AgentHub removed it." };
  if (container.out_of_memory) return { reason: "out-of-memory", detail: "The container used more memory than its limit and was killed." };
  return { reason: "container-exited", detail: `The container exited with code ${container.exit_code ?? "unknown"}.` };
}

const isDead = (container: ObservedContainer | null): boolean => container === null || container.state === "exited" || container.state === "created";
const isDocker = (view: View): boolean => view.request.release.type === "docker";
const passed = (since: string | null, ms: number, now: number): boolean => since !== null && now - toMillis(since) >= ms;

function bringUp(view: View, attempt: number): Action | null {
  const { image } = view.facts;
  if (image === "unknown") return { do: "pull" };
  if (image === "pulling") return nothing;
  return image === "ready" ? { do: "start", attempt } : null;
}

function starting(view: View): Action {
  const { state, container, now, facts, request } = view;
  const { instance_id } = request;
  const attempt = state.attempt + 1;
  const fail = (why: { reason: string; detail: string }) => record({ type: "InstanceStartFailed", data: { instance_id, attempt, ...why } });
  const timeout = { reason: "start-timeout", detail: `The agent gave no good answer to its health check within ${limits.startMs / 1000} s.` };
  if (!facts.slotHeld) return { do: "reserve-slot" };
  if (!isDocker(view)) return passed(state.since, limits.startMs, now) ? fail(timeout) : { do: "prove", then: "InstanceStarted", attempt };
  if (container === null || container.state === "created")
    return bringUp(view, attempt) ?? fail(facts.image as { reason: string; detail: string });
  if (container.state === "exited") return fail(ending(container));
  if (container.state === "paused") return { do: "unfreeze" };
  return passed(container.started_at, limits.startMs, now) ? fail(timeout) : { do: "prove", then: "InstanceStarted", attempt: container.attempt };
}

function exited(view: View, why: { reason: string; detail: string }): Action {
  const { state, container, now, facts, request } = view;
  const lower = state.clock_from ?? fromMillis(now);
  const ran_until = later(container?.finished_at ?? facts.lastGood ?? lower, lower);
  const code = container?.state === "exited" ? container.exit_code : null;
  return record({ type: "InstanceExited", data: {
    instance_id: request.instance_id, ran_until, out_of_memory: container?.out_of_memory ?? false, ...(code === null ? {} : { exit_code: code }), ...why,
  } });
}

function running(view: View): Action {
  const { state, container, facts } = view;
  if (isDocker(view)) {
    if (isDead(container) || container === null || container.attempt < state.attempt) return exited(view, ending(container));
    if (facts.provenStart !== null && container.started_at !== null && container.started_at !== facts.provenStart)
      return exited({ ...view, container: null }, { reason: "container-restarted", detail: "Something outside AgentHub restarted the container." });
    if (container.state === "paused") return { do: "unfreeze" };
  }
  return facts.connected ? nothing : { do: "reconnect" };
}

function restarting(view: View): Action {
  const { state, container, now, facts, request } = view;
  const fail = (why: { reason: string; detail: string }) =>
    record({ type: "InstanceFailed", data: { instance_id: request.instance_id, ran_until: state.since, ...why } });
  // A restart that fails leaves no event; its container's attempt is what counts it.
  const failedRestarts = Math.max(0, (container?.attempt ?? 0) - state.attempt - (container?.state === "exited" ? 0 : 1));
  const exits = recentExits(state.exits, now) + failedRestarts;
  if (exits >= crashLimit) {
    const oom = container?.out_of_memory === true;
    const detail = `The agent ended by itself ${exits} times within ${limits.crashWindowMs / 60_000} minutes.`;
    return fail(oom ? { reason: "out-of-memory", detail: `${detail} It used more memory than its limit.` } : { reason: "crash-loop", detail });
  }
  if (!isDocker(view)) return { do: "prove", then: "InstanceRestarted", attempt: state.attempt + 1 };
  const since = failedRestarts > 0 && container?.finished_at ? later(container.finished_at, state.since) : state.since;
  const left = toMillis(since) + backoffMs(exits) - now;
  const fresh = container !== null && container.attempt > state.attempt;
  if (fresh && !isDead(container)) {
    if (container.state === "paused") return { do: "unfreeze" };
    return passed(container.started_at, limits.startMs, now) ? { do: "stop" } : { do: "prove", then: "InstanceRestarted", attempt: container.attempt };
  }
  if (left > 0) return { do: "wait", ms: left };
  if (container !== null && !isDead(container)) return { do: "remove" };
  if (fresh && container.state === "created") return bringUp(view, container.attempt) ?? fail(facts.image as { reason: string; detail: string });
  return bringUp(view, Math.max(container?.attempt ?? 0, state.attempt) + 1) ?? fail(facts.image as { reason: string; detail: string });
}

function drained(view: View, graceMs: number): Action | null {
  if (view.facts.openTasks === 0) return null;
  const left = toMillis(view.state.since) + graceMs + limits.drainMarginMs - view.now;
  return left > 0 ? { do: "wait", ms: left } : null;
}

function pausing(view: View): Action {
  const { instance_id } = view.request;
  if (isDocker(view) && isDead(view.container)) return record({ type: "PauseFailed", data: { instance_id, ...ending(view.container) } });
  const wait = drained(view, limits.pauseGraceMs);
  if (wait !== null) return wait;
  if (isDocker(view) && view.container?.state !== "paused") return { do: "freeze" };
  return record({ type: "InstancePaused", data: { instance_id } });
}

function paused(view: View): Action {
  const { state, container, request } = view;
  if (!isDocker(view)) return nothing;
  if (isDead(container)) return record({ type: "InstanceFailed", data: { instance_id: request.instance_id, ran_until: state.since, ...ending(container) } });
  return container?.state === "running" ? { do: "freeze" } : nothing;
}

function resuming(view: View): Action {
  const { state, container, now, request } = view;
  const { instance_id } = request;
  if (isDocker(view) && isDead(container)) return record({ type: "InstanceFailed", data: { instance_id, ran_until: state.since, ...ending(container) } });
  if (passed(state.since, limits.resumeMs, now))
    return record({ type: "ResumeFailed", data: { instance_id, reason: "resume-timeout", detail: `The agent gave no good answer to its health check within ${limits.resumeMs / 1000} s.` } });
  return container?.state === "paused" ? { do: "unfreeze" } : { do: "prove", then: "InstanceResumed", attempt: state.attempt };
}

function stopping(view: View): Action {
  const wait = drained(view, limits.terminateGraceMs);
  if (wait !== null) return wait;
  if (view.container === null) return record({ type: "InstanceTerminated", data: { instance_id: view.request.instance_id } });
  return isDead(view.container) ? { do: "remove" } : { do: "stop" };
}

function failed(view: View): Action {
  if (view.facts.slotHeld) return { do: "release-slot" };
  return isDead(view.container) ? nothing : { do: "stop" };
}

const ended = (view: View): Action => (view.facts.slotHeld ? { do: "release-slot" } : nothing);

const rules = { starting, running, pausing, paused, resuming, restarting, failed, stopping, stopped: ended, rejected: ended, none: () => nothing } as const;

/** Names the one next step of an instance; asked again after each, until there is nothing to do. */
export function nextAction(state: InstanceState, container: ObservedContainer | null, now: number, facts: Facts): Action {
  if (state.request === null) return nothing;
  return rules[state.status]({ state, request: state.request, container, now, facts });
}
