import { z } from "zod";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { taskDay, usageStream } from "#domain/kernel/ids.ts";
import { taskAdmitted, taskCancelled, taskFailed, taskLost, taskSucceeded, taskTimedOut, usage } from "#domain/usage/usage.ts";

/** Takes a task in; the id of a task names the day whose stream holds it. */
export const admitTask = defineCommand({
  name: "AdmitTask",
  input: taskAdmitted.schema,
  aggregate: usage,
  stream: ({ instance_id, task_id }) => usageStream(instance_id, taskDay(task_id)),
  decide: (data, state) => (state.tasks.has(data.task_id) ? [] : [{ type: taskAdmitted.type, data }]),
});

const ending = z.discriminatedUnion("type", [
  z.object({ type: z.literal("TaskSucceeded"), data: taskSucceeded.schema }),
  z.object({ type: z.literal("TaskFailed"), data: taskFailed.schema }),
  z.object({ type: z.literal("TaskTimedOut"), data: taskTimedOut.schema }),
  z.object({ type: z.literal("TaskCancelled"), data: taskCancelled.schema }),
  z.object({ type: z.literal("TaskLost"), data: taskLost.schema }),
]);
/** How a task ended. */
export type TaskEnding = z.infer<typeof ending>;

/** Records how a task ended; the first ending stands. */
export const finishTask = defineCommand({
  name: "FinishTask",
  input: z.object({ ending }),
  aggregate: usage,
  stream: (input) => usageStream(input.ending.data.instance_id, taskDay(input.ending.data.task_id)),
  decide(input, state) {
    const { task_id } = input.ending.data;
    if (!state.tasks.has(task_id)) throw new Refusal("task-not-found", "There is no such task.");
    return state.open.has(task_id) ? [input.ending] : [];
  },
});
