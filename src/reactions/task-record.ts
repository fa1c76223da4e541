import type { CommandRequest, Executor } from "#commands/execute.ts";
import type { Clock, Entry, Ids } from "#commands/ports.ts";
import { sleep } from "#commands/sleep.ts";
import { finishTask, type TaskEnding } from "#commands/usage/tasks.ts";
import type { AgentEvent, SystemStore } from "./ports.ts";
import type { TaskView } from "./services.ts";
import type { Flight } from "./task-flights.ts";
import { type StoredEnding, viewOf } from "./task-memory.ts";

type Answer = Extract<AgentEvent, { type: "done" | "failed" }>;

const kind = "task-result";
const keptMs = 24 * 3_600_000;
const attempts = 8;

interface RecordParts {
  readonly executor: Executor;
  readonly system: SystemStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

interface Ending {
  readonly ending: TaskEnding;
  readonly stored: StoredEnding;
}

/** Stores how a task ended: the result no later than the event that charges for it. */
export class TaskRecord {
  readonly #parts: RecordParts;

  constructor(parts: RecordParts) {
    this.#parts = parts;
  }

  /** What is stored of a task's ending; null when it is gone. */
  async stored(taskId: string): Promise<StoredEnding | null> {
    return await this.#parts.system.get(kind, taskId, this.#parts.clock.now()) as StoredEnding | null;
  }

  async result(taskId: string): Promise<unknown> {
    return (await this.stored(taskId))?.result;
  }

  async upstreamBody(taskId: string): Promise<unknown> {
    return (await this.stored(taskId))?.failure?.upstream_body;
  }

  /** Never rejects: what cannot be written in the end is told as lost, as a later look will find it. */
  async finish(flight: Flight, request: CommandRequest, answer: Answer | null): Promise<{ view: TaskView; position: string }> {
    const { clock, executor, ids } = this.#parts;
    // The admission's own command id is taken in this stream.
    const { account, agent, correlation_id, command_id: cause } = request;
    const by = flight.stop?.request ?? { account, actor: "system", command_id: ids.random(), correlation_id: correlation_id ?? cause, causation_id: cause };
    const own = { ...by, account, agent, instance: flight.instance_id };
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        const { ending, stored } = endingOf(flight, answer, clock.now());
        const outcome = await executor.execute(finishTask, { ending }, { ...own, once: attempt === 0 && by.actor === "system" }, this.#entries(flight, request, stored));
        const status = outcome.state.tasks.get(flight.task_id)?.status ?? "lost";
        const written = outcome.events[0];
        const told = written?.type !== "TaskSucceeded" ? {} : { completed_at: written.metadata.recorded_at, result_bytes: written.data.result_bytes };
        return { view: { ...viewOf(flight, status, stored), ...told }, position: outcome.position };
      } catch {
        await sleep(clock, Math.min(10_000, 250 * 2 ** attempt));
      }
    }
    return { view: viewOf(flight, "lost", null), position: "" };
  }

  #entries({ task_id }: Flight, { request_hash }: CommandRequest, stored: StoredEnding): readonly Entry[] {
    // A failure is needed again only by a request that may be repeated, or for what the agent said.
    if (stored.failure !== undefined && request_hash === undefined && stored.failure.upstream_body === undefined) return [];
    return [{ kind, key: task_id, value: stored, expires_at: this.#parts.clock.now() + keptMs }];
  }
}

function endingOf(flight: Flight, answer: Answer | null, now: number): Ending {
  const base = { task_id: flight.task_id, instance_id: flight.instance_id, execution_ms: Math.max(0, Math.round(now - flight.admitted_at)) };
  const { execution_ms } = base;
  if (answer?.type === "done") {
    return { ending: { type: "TaskSucceeded", data: { ...base, result_bytes: answer.bytes } }, stored: { result: answer.result, execution_ms } };
  }
  if (flight.stop !== null || answer === null) {
    const reason = flight.stop?.reason ?? "instance-not-running";
    const failure = { code: "task-cancelled", detail: `The task was cancelled: ${reason}.` };
    return { ending: { type: "TaskCancelled", data: { ...base, reason } }, stored: { failure, execution_ms } };
  }
  const { code, detail, upstream_status, retry_after, upstream_body } = answer;
  const stored = { failure: { code, detail, upstream_status, retry_after, upstream_body }, execution_ms };
  if (code === "agent-timeout") return { ending: { type: "TaskTimedOut", data: base }, stored };
  return { ending: { type: "TaskFailed", data: { ...base, code, detail, ...(upstream_status === undefined ? {} : { upstream_status }) } }, stored };
}
