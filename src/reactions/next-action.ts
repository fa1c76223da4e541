import { fromMillis, later, toMillis } from "#domain/kernel/time.ts";
import type { InstanceEvent } from "#domain/instance/events.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { type Action, bringUp, ending, type Facts, isDead, isDocker, nothing, passed, record, startTimeout, type View, type Why } from "./action.ts";
import { limits } from "./limits.ts";
import type { ObservedContainer } from "./ports.ts";
import { restarting } from "./restarting.ts";

export type { Action, Facts } from "./action.ts";

function starting(view: View): Action {
  const { state, container, now, facts, request } = view;
  const { instance_id } = request;
  const attempt = state.attempt + 1;
  const fail = (why: Why) => record({ type: "InstanceStartFailed", data: { instance_id, attempt, ...why } });
  const late = (from: string | null) => passed(from, facts.startMs, now);
  if (!facts.slotHeld) return { do: "reserve-slot" };
  if (!isDocker(view)) return late(state.since) ? fail(startTimeout(view)) : { do: "prove", then: "InstanceStarted", attempt };
  if (container === null) return bringUp(view, attempt, fail);
  if (container.state === "created") return bringUp(view, container.attempt, fail);
  // It was not the agent's doing: it gets another try.
  if (container.ended_with_engine === true) return bringUp(view, container.attempt + 1, fail);
  if (container.state === "exited") return fail(ending(container));
  if (container.state === "paused") return { do: "unfreeze" };
  return late(container.started_at) ? fail(startTimeout(view)) : { do: "prove", then: "InstanceStarted", attempt: container.attempt };
}

function exit(view: View, why: Why): InstanceEvent {
  const { state, container, now, facts, request } = view;
  // The clock of what is not running stands: it starts again with this end.
  const lower = state.status === "running" && state.clock_from !== null ? state.clock_from : fromMillis(now);
  const ran_until = later(container?.finished_at ?? facts.lastGood ?? lower, lower);
  const code = container?.state === "exited" ? container.exit_code : null;
  return { type: "InstanceExited", data: {
    instance_id: request.instance_id, ran_until, out_of_memory: container?.out_of_memory ?? false, ...(code === null ? {} : { exit_code: code }), ...why,
  } };
}

function running(view: View): Action {
  const { state, container, facts } = view;
  if (isDocker(view)) {
    if (isDead(container) || container === null || container.attempt < state.attempt) return record(exit(view, ending(container)));
    if (facts.provenStart !== null && container.started_at !== null && container.started_at !== facts.provenStart)
      return record(exit({ ...view, container: null }, { reason: "container-restarted", detail: "Something outside AgentHub restarted the container." }));
    if (container.state === "paused") return { do: "unfreeze" };
  }
  return facts.connected ? nothing : { do: "reconnect" };
}

function drained(view: View, graceMs: number): Action | null {
  if (view.facts.openTasks === 0) return null;
  const left = toMillis(view.state.since) + graceMs + limits.drainMarginMs - view.now;
  return left > 0 ? { do: "wait", ms: left } : null;
}

function pausing(view: View): Action {
  const { instance_id } = view.request;
  const dead = isDocker(view) && isDead(view.container);
  // A pause that failed starts the clock again: nothing may lie between that and the end of what no longer runs.
  if (dead && view.container?.ended_with_engine !== true) {
    const why = ending(view.container);
    return record({ type: "PauseFailed", data: { instance_id, ...why } }, exit(view, why));
  }
  const wait = drained(view, limits.pauseGraceMs);
  if (wait !== null) return wait;
  if (isDocker(view) && !dead && view.container?.state !== "paused") return { do: "freeze" };
  return record({ type: "InstancePaused", data: { instance_id } });
}

// What is frozen does not end by itself. Whoever ended it, a resume starts it anew.
const paused = (view: View): Action => (isDocker(view) && view.container?.state === "running" ? { do: "freeze" } : nothing);

function resuming(view: View): Action {
  const { state, container, now, request } = view;
  const { instance_id } = request;
  // It goes on as what ended while it ran, in a new container; its clock stands until that one is up.
  if (isDocker(view) && isDead(container)) return record({ type: "InstanceResumed", data: { instance_id } }, exit(view, ending(container)));
  if (passed(state.since, limits.resumeMs, now))
    return record({ type: "ResumeFailed", data: { instance_id, reason: "resume-timeout", detail: `The agent gave no good answer to its health check within ${limits.resumeMs / 1000} s.` } });
  return container?.state === "paused" ? { do: "unfreeze" } : { do: "prove", then: "InstanceResumed", attempt: state.attempt };
}

function stopping(view: View): Action {
  const wait = drained(view, limits.terminateGraceMs);
  if (wait !== null) return wait;
  if (view.container !== null) return isDead(view.container) ? { do: "remove" } : { do: "stop" };
  // First the slot: whoever hears of the end may ask for another instance, or deregister the agent, at once.
  return view.facts.slotHeld ? { do: "release-slot" } : record({ type: "InstanceTerminated", data: { instance_id: view.request.instance_id } });
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
