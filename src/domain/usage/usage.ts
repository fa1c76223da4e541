import { z } from "zod";
import type { Aggregate } from "../kernel/aggregate.ts";
import { type EventOf, eventType } from "../kernel/event.ts";
import { instanceId, instant, taskId } from "../kernel/ids.ts";
import { dayOf, shiftDay } from "../kernel/time.ts";

const task = { task_id: taskId, instance_id: instanceId };
/** Milliseconds from admission to the end, measured by the executor. */
const took = { execution_ms: z.number().int().min(0) };

export const taskAdmitted = eventType("TaskAdmitted", z.object({
  ...task, endpoint: z.string(), timeout_s: z.number(), deadline: instant,
  /** The process that dispatches the task. */
  executor: z.string(),
  parameters_hash: z.string(),
}));
export const taskSucceeded = eventType("TaskSucceeded", z.object({ ...task, ...took, result_bytes: z.number().int() }));
export const taskFailed = eventType("TaskFailed", z.object({
  ...task, ...took, code: z.string(), detail: z.string(), upstream_status: z.number().int().optional(),
}));
export const taskTimedOut = eventType("TaskTimedOut", z.object({ ...task, ...took }));
export const taskCancelled = eventType("TaskCancelled", z.object({ ...task, ...took, reason: z.string() }));
/** Nobody knows how the task ended: its executor is gone. It costs nothing. */
export const taskLost = eventType("TaskLost", z.object(task));
/** Usage that AgentHub did not see itself, told by the publisher or the agent. `time` alone chooses the day. */
export const usageRecorded = eventType("UsageRecorded", z.object({
  instance_id: instanceId, source: z.string(), id: z.string(), time: instant, meter: z.string(),
  /** A decimal of at least 0 with at most 12 places. */
  quantity: z.string(),
}));

/** Every event type of a usage stream. */
export const usageEvents = [taskAdmitted, taskSucceeded, taskFailed, taskTimedOut, taskCancelled, taskLost, usageRecorded] as const;
/** Everything that can happen in an instance's day. */
export type UsageEvent = EventOf<(typeof usageEvents)[number]>;

/** Where a task is in its life; `running` from its admission on. */
export type TaskStatus = "running" | "completed" | "failed" | "timed_out" | "cancelled" | "lost";

/** What is kept of a task in the folded day. */
export interface TaskEntry {
  readonly status: TaskStatus;
  readonly deadline: string;
  readonly executor: string;
}

/** One instance's usage of one UTC day. */
export interface UsageState {
  readonly tasks: Map<string, TaskEntry>;
  /** Tasks that have not ended. */
  readonly open: Set<string>;
  /** Usage identities (`source`, `id`) to what they said. */
  readonly records: Map<string, string>;
}

/** The identity of a usage record within its instance. */
export const usageIdentity = (source: string, id: string): string => JSON.stringify([source, id]);
/** What two reports of one identity must agree on. */
export const usagePayload = (record: { time: string; meter: string; quantity: string }): string =>
  JSON.stringify([record.time, record.meter, record.quantity]);

/** How far back a report's time may lie. */
export const usageDaysBack = 35;
/** The oldest day that a report of this instant is looked up in; `yyyymmdd`. A report is never older, nor is the day before its own. */
export const oldestLookedUp = (at: string): string => shiftDay(dayOf(at), -usageDaysBack - 1);

const endings = {
  TaskSucceeded: "completed", TaskFailed: "failed", TaskTimedOut: "timed_out", TaskCancelled: "cancelled", TaskLost: "lost",
} as const;
/** The status that an event ends a task with. */
export const taskStatusAfter = (type: keyof typeof endings): TaskStatus => endings[type];

/** Folds one day of an instance's usage. */
export const usage: Aggregate<UsageState, UsageEvent> = {
  name: "usage",
  initial: () => ({ tasks: new Map(), open: new Set(), records: new Map() }),
  events: usageEvents,
  evolve(state, event) {
    if (event.type === "UsageRecorded") {
      state.records.set(usageIdentity(event.data.source, event.data.id), usagePayload(event.data));
      return state;
    }
    const { task_id } = event.data;
    if (event.type === "TaskAdmitted") {
      state.tasks.set(task_id, { status: "running", deadline: event.data.deadline, executor: event.data.executor });
      state.open.add(task_id);
      return state;
    }
    const entry = state.tasks.get(task_id);
    if (entry !== undefined) state.tasks.set(task_id, { ...entry, status: endings[event.type] });
    state.open.delete(task_id);
    return state;
  },
};
