import type { CommandRequest, Executor } from "#commands/execute.ts";
import type { Ids } from "#commands/ports.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { instance, type InstanceState } from "#domain/instance/instance.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { taskDay, usageStream } from "#domain/kernel/ids.ts";
import { shiftDay } from "#domain/kernel/time.ts";
import { type TaskEntry, usage } from "#domain/usage/usage.ts";
import type { TaskView } from "./services.ts";

/** A task that a command id already led to. */
export interface KnownTask {
  readonly task_id: string;
  readonly entry: TaskEntry;
  readonly position: string;
}

/** The id of a task that a request is admitted as on a day; the same one for a request that may come again. */
export const taskIdOn = (day: string, ids: Ids, { request_hash, command_id }: CommandRequest): string =>
  `task-${day}-${request_hash === undefined ? ids.next() : ids.named(command_id)}`;

/** What is kept beside the events of how a task ended. */
export interface StoredEnding {
  readonly result?: unknown;
  readonly failure?: NonNullable<TaskView["failure"]>;
  readonly execution_ms: number;
}

const dayState = (executor: Executor, { request }: InstanceState, on: string) => executor.state(usage, usageStream(request?.instance_id ?? "", on));

/**
 * The day on which a request was admitted first, given one on which it was. Around midnight two processes may each admit it on a
 * day of its own: each looks only after it has written, so at least one sees both, and the log tells all of them who was first.
 */
export async function firstDayOf(executor: Executor, state: InstanceState, day: string, { command_id }: CommandRequest): Promise<string> {
  const positionOn = (on: string) => executor.positionOf(usageStream(state.request?.instance_id ?? "", on), command_id);
  for (const other of [shiftDay(day, -1), shiftDay(day, 1)]) {
    if (!state.usage_days.includes(other) || !(await dayState(executor, state, other)).commands.has(command_id)) continue;
    const [here, there] = await Promise.all([positionOn(day), positionOn(other)]);
    if (here !== null && there !== null && there < here) return other;
  }
  return day;
}

/** Finds the task of a request that came before, on one of the days: a retry may cross midnight. */
export async function earlierTask(executor: Executor, ids: Ids, state: InstanceState, days: readonly string[], request: CommandRequest): Promise<KnownTask | null> {
  if (request.request_hash === undefined) return null;
  for (const day of days) {
    if (!state.usage_days.includes(day) || !(await dayState(executor, state, day)).commands.has(request.command_id)) continue;
    const first = await firstDayOf(executor, state, day, request);
    const kept = await dayState(executor, state, first);
    const hash = kept.commands.get(request.command_id);
    if (hash !== null && hash !== request.request_hash)
      throw new Refusal("idempotency-key-reused", "This Idempotency-Key was used for another request; use a new key for a new request.");
    const task_id = taskIdOn(first, ids, request);
    const entry = kept.state.tasks.get(task_id);
    if (entry !== undefined) return { task_id, entry, position: kept.position };
  }
  return null;
}

/** The task of the same request that was admitted before this one, on the other side of midnight; looked for once this one is written. */
export async function admittedBefore(executor: Executor, ids: Ids, { instance_id, task_id }: { readonly instance_id: string; readonly task_id: string }, request: CommandRequest): Promise<KnownTask | null> {
  const { state } = await executor.state(instance, instance_id);
  const day = taskDay(task_id);
  const first = await firstDayOf(executor, state, day, request);
  return first === day ? null : await earlierTask(executor, ids, state, [first], request);
}

/** Tells the event that ends a task. */
export const endOf = (taskId: string) => ({ type, data }: StoredEvent): boolean => type !== "TaskAdmitted" && (data as { task_id?: string }).task_id === taskId;

/** The same task as its day holds it now. */
export async function taskNow(executor: Executor, instanceId: string, known: KnownTask): Promise<KnownTask> {
  const { state, position } = await executor.state(usage, usageStream(instanceId, taskDay(known.task_id)));
  const entry = state.tasks.get(known.task_id);
  return entry === undefined ? known : { ...known, entry, position };
}

// Of a task without a result, where nothing more is known.
const words: Readonly<Record<string, { code: string; detail: string }>> = {
  failed: { code: "agent-failed", detail: "The agent failed; the details are in the instance's task history." },
  timed_out: { code: "agent-timeout", detail: "The agent gave no result in time." },
  cancelled: { code: "task-cancelled", detail: "The task was cancelled." },
  lost: { code: "task-lost", detail: "Nobody knows how the task ended; it costs nothing." },
};

/** A task as its folded entry and what was stored of its ending tell it. */
export const knownView = (instance_id: string, { task_id, entry }: KnownTask, stored: StoredEnding | null): TaskView =>
  viewOf({ task_id, instance_id }, entry.status, stored);

/** A task as its status and what is stored of its ending tell of it. */
export function viewOf({ task_id, instance_id }: Pick<TaskView, "task_id" | "instance_id">, status: TaskView["status"], stored: StoredEnding | null): TaskView {
  const failure = stored?.failure ?? words[status];
  return {
    task_id, instance_id, status, execution_ms: stored?.execution_ms ?? null,
    ...(status === "completed" && stored !== null ? { result: stored.result } : {}), ...(failure === undefined || status === "completed" ? {} : { failure }),
  };
}
