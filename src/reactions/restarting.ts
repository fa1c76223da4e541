import { later, toMillis } from "#domain/kernel/time.ts";
import { type Action, bringUp, isDead, isDocker, passed, record, type View, type Why } from "./action.ts";
import { backoffMs, crashLimit, limits, recentExits } from "./limits.ts";
import type { ObservedContainer } from "./ports.ts";

const failing = ({ state, request }: View) => (why: Why): Action =>
  record({ type: "InstanceFailed", data: { instance_id: request.instance_id, ran_until: state.since, ...why } });

/** A restart that fails leaves no event; its container's attempt is what counts it. */
function failedRestarts({ state, container }: View): number {
  return container === null ? 0 : Math.max(0, container.attempt - state.attempt - (container.state === "exited" && container.ended_with_engine !== true ? 0 : 1));
}

function crashLoop({ container }: View, exits: number): Why {
  const detail = `The agent ended by itself ${exits} times within ${limits.crashWindowMs / 60_000} minutes.`;
  return container?.out_of_memory === true
    ? { reason: "out-of-memory", detail: `${detail} It used more memory than its limit.` } : { reason: "crash-loop", detail };
}

function newContainer({ now, facts }: View, container: ObservedContainer): Action {
  if (container.state === "paused") return { do: "unfreeze" };
  return passed(container.started_at, facts.startMs, now) ? { do: "stop" } : { do: "prove", then: "InstanceRestarted", attempt: container.attempt };
}

// What runs outside this life must be gone before another is started; what has ended is replaced.
function replacement(view: View, fresh: boolean, fail: (why: Why) => Action): Action {
  const { state, container } = view;
  if (!isDead(container)) return { do: "remove" };
  if (fresh && container?.state === "created") return bringUp(view, container.attempt, fail);
  return bringUp(view, Math.max(container?.attempt ?? 0, state.attempt) + 1, fail);
}

/** Brings an instance up again after its agent ended by itself, later each time, until it is a crash loop. */
export function restarting(view: View): Action {
  const { state, container, now } = view;
  const exits = recentExits(state.exits, now) + failedRestarts(view);
  const fail = failing(view);
  if (exits >= crashLimit) return fail(crashLoop(view, exits));
  if (!isDocker(view)) return { do: "prove", then: "InstanceRestarted", attempt: state.attempt + 1 };
  const fresh = container !== null && container.attempt > state.attempt;
  if (fresh && !isDead(container)) return newContainer(view, container);
  const since = fresh ? later(container.finished_at ?? state.since, state.since) : state.since;
  const left = toMillis(since) + backoffMs(exits) - now;
  return left > 0 ? { do: "wait", ms: left } : replacement(view, fresh, fail);
}
