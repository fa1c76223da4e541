import type { CommandRequest, Executor } from "#commands/execute.ts";
import type { Clock, Ids } from "#commands/ports.ts";
import type { Tail } from "#commands/tail.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import { limits } from "./limits.ts";
import type { TaskService } from "./services.ts";
import type { Flights } from "./task-flights.ts";
import { admittedBefore, endOf, type KnownTask, knownView, taskNow } from "./task-memory.ts";
import type { TaskRecord } from "./task-record.ts";

interface EarlierParts {
  readonly executor: Executor;
  readonly ids: Ids;
  readonly tail: Tail;
  readonly clock: Clock;
}

type Started = Awaited<ReturnType<TaskService["start"]>>;
type Ended = Awaited<Started["finished"]>;

/** Answers requests that come again with the task that the first of them began. */
export class EarlierTasks {
  readonly #parts: EarlierParts;
  readonly #flights: Flights;
  readonly #record: TaskRecord;

  constructor(parts: EarlierParts, flights: Flights, record: TaskRecord) {
    this.#parts = parts;
    this.#flights = flights;
    this.#record = record;
  }

  /** Of a command that its stream remembers: another process may have been first. */
  async repeated(instanceId: string, known: KnownTask, request: CommandRequest, timeoutS: number): Promise<Started> {
    const before = await admittedBefore(this.#parts.executor, this.#parts.ids, { instance_id: instanceId, task_id: known.task_id }, request);
    return this.answer(instanceId, before ?? known, timeoutS);
  }

  /** The task as it is: it runs here, it runs elsewhere, or it has ended. */
  async answer(instanceId: string, known: KnownTask, timeoutS: number): Promise<Started> {
    const { task_id, entry, position } = known;
    const created_at = fromMillis(Date.parse(entry.deadline) - timeoutS * 1000);
    const flight = this.#flights.get(task_id);
    if (flight?.finished) return { task_id, created_at, position, finished: flight.finished };
    if (entry.status === "running") return { task_id, created_at, position, finished: this.#elsewhere(instanceId, known) };
    return { task_id, created_at, position, finished: Promise.resolve(await this.#ended(instanceId, known)) };
  }

  async #ended(instanceId: string, known: KnownTask): Promise<Ended> {
    return { view: knownView(instanceId, known, await this.#record.stored(known.task_id)), position: known.position };
  }

  // Another process runs it, or one that is gone did: its end comes down the tail, as lost at the latest.
  async #elsewhere(instanceId: string, known: KnownTask): Promise<Ended> {
    const { executor, tail, clock } = this.#parts;
    const ending = tail.waitFor(endOf(known.task_id), Date.parse(known.entry.deadline) - clock.now() + 2 * limits.lostMs);
    try {
      const now = await taskNow(executor, instanceId, known);
      if (now.entry.status !== "running") return await this.#ended(instanceId, now);
      await ending.event;
      return await this.#ended(instanceId, await taskNow(executor, instanceId, known));
    } catch {
      // Whoever asks again learns the end once it can be read.
      return { view: knownView(instanceId, known, null), position: known.position };
    } finally {
      ending.cancel();
    }
  }
}
