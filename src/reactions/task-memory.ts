import type { CommandRequest, Executor } from "#commands/execute.ts";
import type { Ids } from "#commands/ports.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { taskDay, usageStream } from "#domain/kernel/ids.ts";
import { type TaskEntry, usage } from "#domain/usage/usage.ts";
import type { TaskView } from "./services.ts";

/** A task that a command id already led to. */
export interface KnownTask {
  readonly task_id: string;
  readonly entry: TaskEntry;
  readonly position: string;
}

/** What is kept beside the events of how a task ended. */
export interface StoredEnding {
  readonly result?: unknown;
  readonly failure?: NonNullable<TaskView["failure"]>;
  readonly execution_ms: number;
}

/** Finds the task of a request that came before, on one of the days: a retry may cross midnight. */
export async function earlierTask(executor: Executor, ids: Ids, state: InstanceState, days: readonly string[], request: CommandRequest): Promise<KnownTask | null> {
  if (request.request_hash === undefined) return null;
  for (const on of days) {
    if (!state.usage_days.includes(on)) continue;
    const kept = await executor.state(usage, usageStream(state.request?.instance_id ?? "", on));
    const hash = kept.commands.get(request.command_id);
    if (hash === undefined) continue;
    if (hash !== null && hash !== request.request_hash)
      throw new Refusal("idempotency-key-reused", "This Idempotency-Key was used for another request; use a new key for a new request.");
    const task_id = `task-${on}-${ids.named(request.command_id)}`;
    const entry = kept.state.tasks.get(task_id);
    if (entry !== undefined) return { task_id, entry, position: kept.position };
  }
  return null;
}

/** The same task as its day holds it now. */
export async function taskNow(executor: Executor, instanceId: string, known: KnownTask): Promise<KnownTask> {
  const { state, position } = await executor.state(usage, usageStream(instanceId, taskDay(known.task_id)));
  const entry = state.tasks.get(known.task_id);
  return entry === undefined ? known : { ...known, entry, position };
}

const words: Readonly<Record<string, { code: string; detail: string }>> = {
  failed: { code: "agent-failed", detail: "The agent failed; the details are in the instance's task history." },
  timed_out: { code: "agent-timeout", detail: "The agent gave no result in time." },
  cancelled: { code: "task-cancelled", detail: "The task was cancelled." },
  lost: { code: "task-lost", detail: "Nobody knows how the task ended; it costs nothing." },
};

/** Why a task of a status has no result, where nothing more is known. */
export const failureOf = (status: string): { code: string; detail: string } | undefined => words[status];

/** A task as its folded entry and what was stored of its ending tell it. */
export function knownView(instanceId: string, { task_id, entry }: KnownTask, stored: StoredEnding | null): TaskView {
  const { status } = entry;
  const failure = stored?.failure ?? failureOf(status);
  return {
    task_id, instance_id: instanceId, status, execution_ms: stored?.execution_ms ?? null,
    ...(status === "completed" && stored !== null ? { result: stored.result } : {}), ...(failure === undefined || status === "completed" ? {} : { failure }),
  };
}
