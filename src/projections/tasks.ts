import type { Price } from "#domain/billing/price.ts";
import { parseDecimal } from "#domain/kernel/fraction.ts";
import { toMicros } from "#domain/kernel/money.ts";
import { type TaskStatus, taskStatusAfter } from "#domain/usage/usage.ts";
import { money } from "./money.ts";
import { each, type Fact, projection } from "./projection.ts";
import { token } from "./search.ts";

/** A task without its result, which is kept elsewhere and not for long. */
export interface TaskDocument {
  readonly task_id: string;
  readonly instance_id: string;
  readonly agent_id: string | null;
  readonly account_id: string;
  readonly endpoint: string;
  readonly timeout_s: number;
  readonly deadline: string;
  readonly status: TaskStatus;
  readonly created_at: string;
  readonly completed_at: string | null;
  readonly execution_ms: number | null;
  readonly result_bytes: number | null;
  /** Why there is no result. */
  readonly failure: { readonly code: string; readonly detail: string; readonly upstream_status: number | null } | null;
  readonly tokens: readonly string[];
}

type Ending = Fact<"TaskSucceeded" | "TaskFailed" | "TaskTimedOut" | "TaskCancelled" | "TaskLost">;

function failureOf(task: TaskDocument, event: Ending): TaskDocument["failure"] {
  switch (event.type) {
    case "TaskSucceeded": return null;
    case "TaskFailed": return { code: event.data.code, detail: event.data.detail, upstream_status: event.data.upstream_status ?? null };
    case "TaskTimedOut": return { code: "agent-timeout", detail: `The agent gave no answer within ${task.timeout_s} s.`, upstream_status: null };
    case "TaskCancelled": return { code: "task-cancelled", detail: event.data.reason, upstream_status: null };
    case "TaskLost": return { code: "task-lost", detail: "Nobody knows how the task ended. It costs nothing.", upstream_status: null };
  }
}

function end(task: TaskDocument, event: Ending): TaskDocument {
  const status = taskStatusAfter(event.type);
  return {
    ...task, status, completed_at: event.metadata.recorded_at,
    execution_ms: "execution_ms" in event.data ? event.data.execution_ms : null,
    result_bytes: event.type === "TaskSucceeded" ? event.data.result_bytes : null,
    failure: failureOf(task, event), tokens: [token("status", status)],
  };
}

/** Tasks by id: an instance's and an account's history. */
export const tasks = projection<TaskDocument>({
  name: "tasks",
  version: 1,
  indexes: [
    { name: "by_instance", equals: ["instance_id"], sort: "created_at", tokens: true },
    { name: "by_account", equals: ["account_id"], sort: "created_at", tokens: true },
  ],
  key: (event) => ("task_id" in event.data ? event.data.task_id : null),
  start: {
    TaskAdmitted: ({ data, metadata }) => ({
      task_id: data.task_id, instance_id: data.instance_id, agent_id: metadata.agent ?? null, account_id: metadata.account,
      endpoint: data.endpoint, timeout_s: data.timeout_s, deadline: data.deadline, status: "running", created_at: metadata.recorded_at,
      completed_at: null, execution_ms: null, result_bytes: null, failure: null, tokens: [token("status", "running")],
    }),
  },
  on: each(["TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskCancelled", "TaskLost"], end),
});

/** What one task adds to the bill: only a task that succeeded costs its request. */
const taskCost = (status: TaskStatus, price: Price | null): unknown =>
  money(status === "completed" && price !== null ? toMicros(parseDecimal(price.price_per_request)) : 0n);

/** What is shown of a task. */
export type ShownTask = Pick<TaskDocument,
  "task_id" | "instance_id" | "agent_id" | "endpoint" | "status" | "execution_ms" | "result_bytes" | "created_at" | "completed_at" | "failure">;

/** A task as the API shows it, its result aside. */
export function taskView(task: ShownTask, price: Price | null) {
  return {
    task_id: task.task_id, instance_id: task.instance_id, agent_id: task.agent_id, endpoint: task.endpoint, status: task.status,
    execution_time: task.execution_ms === null ? null : task.execution_ms / 1000,
    cost: taskCost(task.status, price), usage: { requests: task.status === "completed" ? 1 : 0, result_bytes: task.result_bytes },
    created_at: task.created_at, completed_at: task.completed_at,
    ...(task.failure === null ? {} : { error: task.failure }),
  };
}
