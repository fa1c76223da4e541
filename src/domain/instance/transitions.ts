/** Every status of an instance; `none` before it is requested. */
export const statuses = [
  "none", "starting", "running", "pausing", "paused", "resuming", "restarting", "failed", "stopping", "stopped", "rejected",
] as const;
/** A status of an instance. */
export type InstanceStatus = (typeof statuses)[number];

const terminable = statuses.filter((status) => !["none", "stopping", "stopped", "rejected"].includes(status));

/** The whole life of an instance as data: event type, the statuses it is possible from, the status it leads to. */
export const transitions = {
  InstanceRequested: { from: ["none"], to: "starting" },
  InstanceRejected: { from: ["starting"], to: "rejected" },
  InstanceStarted: { from: ["starting"], to: "running" },
  InstanceStartFailed: { from: ["starting"], to: "failed" },
  PauseRequested: { from: ["running"], to: "pausing" },
  InstancePaused: { from: ["pausing"], to: "paused" },
  PauseFailed: { from: ["pausing"], to: "running" },
  ResumeRequested: { from: ["paused"], to: "resuming" },
  InstanceResumed: { from: ["resuming"], to: "running" },
  ResumeFailed: { from: ["resuming"], to: "paused" },
  InstanceExited: { from: ["running"], to: "restarting" },
  InstanceRestarted: { from: ["restarting"], to: "running" },
  InstanceFailed: { from: ["running", "pausing", "paused", "resuming", "restarting"], to: "failed" },
  TerminationRequested: { from: terminable, to: "stopping" },
  InstanceTerminated: { from: ["stopping"], to: "stopped" },
  TerminationFailed: { from: ["stopping"], to: "stopping" },
} as const satisfies Record<string, { from: readonly InstanceStatus[]; to: InstanceStatus }>;

/** An event type that changes the status. */
export type Transition = keyof typeof transitions;

/** Whether an event type changes the status. */
export const isTransition = (type: string): type is Transition => Object.hasOwn(transitions, type);

/** Whether an event is possible in a status. */
export const allows = (status: InstanceStatus, type: Transition): boolean =>
  (transitions[type].from as readonly InstanceStatus[]).includes(status);

/** Statuses whose instance holds a slot of its agent. */
export const holdsSlot = (status: InstanceStatus): boolean => !["none", "failed", "stopped", "rejected"].includes(status);

/** Statuses that reconcile has nothing more to do for, the slot aside. */
export const isEnded = (status: InstanceStatus): boolean => status === "stopped" || status === "rejected" || status === "failed";

/** Statuses that an instance never leaves, with nothing left of it; a failed one still keeps its container. */
export const isOver = (status: InstanceStatus): boolean => status === "stopped" || status === "rejected";

/** The specification's lifecycle stage of a status. */
export function lifecycleStage(status: InstanceStatus): string {
  switch (status) {
    case "none": case "starting": return "instantiation";
    case "running": case "restarting": return "active";
    case "pausing": case "paused": case "resuming": return "paused";
    case "stopping": return "termination";
    case "failed": case "stopped": case "rejected": return "terminated";
  }
}
