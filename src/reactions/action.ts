import { engineStopped, type InstanceEvent, type InstanceRequest } from "#domain/instance/events.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { toMillis } from "#domain/kernel/time.ts";
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
  /** How long a container may take until its first good probe. */
  readonly startMs: number;
  /** What the last probe of an agent that must prove itself found wrong. */
  readonly lastBad: string | null;
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
  /** `also` is written in the same append. */
  | { readonly do: "record"; readonly fact: InstanceEvent; readonly also?: InstanceEvent };

/** There is nothing to do. */
export const nothing: Action = { do: "nothing" };
/** Records a fact, and what it leads to at once. */
export const record = (fact: InstanceEvent, also?: InstanceEvent): Action => ({ do: "record", fact, ...(also === undefined ? {} : { also }) });

/** Everything that one decision sees. */
export interface View {
  readonly state: InstanceState;
  readonly request: InstanceRequest;
  readonly container: ObservedContainer | null;
  readonly now: number;
  readonly facts: Facts;
}

/** A short reason, and words for a person. */
export interface Why {
  readonly reason: string;
  readonly detail: string;
}

/** Why a container is no longer there to serve. */
export function ending(container: ObservedContainer | null): Why {
  if (container === null) return { reason: "container-vanished", detail: "The container is gone; something outside AgentHub removed it." };
  if (container.out_of_memory) return { reason: "out-of-memory", detail: "The container used more memory than its limit and was killed." };
  if (container.ended_with_engine === true) return { reason: engineStopped, detail: "The container engine stopped, and the container with it." };
  return { reason: "container-exited", detail: `The container exited with code ${container.exit_code ?? "unknown"}.` };
}

/** Whether nothing runs in the container. */
export const isDead = (container: ObservedContainer | null): boolean => container === null || container.state === "exited" || container.state === "created";
/** Whether the agent runs in a container of ours. */
export const isDocker = (view: View): boolean => view.request.release.type === "docker";
/** Whether so much time is over since an instant. */
export const passed = (since: string | null, ms: number, now: number): boolean => since !== null && now - toMillis(since) >= ms;

/** Why an agent that never proved itself is given up, with what its publisher can act on. */
export function startTimeout({ request: { release: { docker } }, facts: { startMs, lastBad } }: View): Why {
  const last = lastBad === null ? "" : `: ${lastBad.slice(0, 200)}`;
  const hint = docker === undefined || lastBad?.startsWith("the connection") !== true ? ""
    : ` In its container it must listen on port ${docker.port} of every address, not of 127.0.0.1 alone.`;
  return { reason: "start-timeout", detail: `The agent gave no good answer to its health check within ${startMs / 1000} s${last}.${hint}` };
}

/** The step that brings a container up, once its image is there; `fail` says what follows when it cannot be had. */
export function bringUp(view: View, attempt: number, fail: (why: Why) => Action): Action {
  const { image } = view.facts;
  if (image === "unknown") return { do: "pull" };
  if (image === "pulling") return nothing;
  return image === "ready" ? { do: "start", attempt } : fail(image);
}
