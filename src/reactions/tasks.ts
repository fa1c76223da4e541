import type { CommandRequest, Executor } from "#commands/execute.ts";
import { recordFact } from "#commands/instance/record-fact.ts";
import type { Clock, Ids } from "#commands/ports.ts";
import type { Tail } from "#commands/tail.ts";
import { admitTask, finishTask } from "#commands/usage/tasks.ts";
import type { InstanceRequest } from "#domain/instance/events.ts";
import { instance, type InstanceState } from "#domain/instance/instance.ts";
import { isRefusal, Refusal } from "#domain/kernel/errors.ts";
import { dayOf, fromMillis, shiftDay } from "#domain/kernel/time.ts";
import { withDeadline } from "./deadline.ts";
import { EarlierTasks } from "./earlier-tasks.ts";
import { Partings } from "./partings.ts";
import type { SystemStore } from "./ports.ts";
import type { TaskService, TaskView } from "./services.ts";
import { type Drivers, systemRequest, targetOf } from "./target.ts";
import { notRunning, resolveEndpoint } from "./task-endpoint.ts";
import { TaskDrain } from "./task-drain.ts";
import { dispatch } from "./task-dispatch.ts";
import { type Flight, Flights, stopFlight } from "./task-flights.ts";
import { admittedBefore, earlierTask, type KnownTask, taskIdOn } from "./task-memory.ts";
import { TaskRecord } from "./task-record.ts";

/** What tasks need. */
export interface TaskParts {
  readonly executor: Executor;
  readonly tail: Tail;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly system: SystemStore;
  readonly drivers: Drivers;
  /** The name of this process in admissions. */
  readonly self: string;
  readonly hash: (text: string) => string;
}

type Wish = Parameters<TaskService["start"]>[1];
type Started = Awaited<ReturnType<TaskService["start"]>>;

/** Admits tasks, has agents do them, and records how they ended. */
export class Tasks implements TaskService {
  readonly #parts: TaskParts;
  readonly #flights = new Flights();
  readonly #drain: TaskDrain;
  readonly #record: TaskRecord;
  readonly #earlier: EarlierTasks;
  readonly #off: () => void;

  constructor(parts: TaskParts) {
    this.#parts = parts;
    this.#drain = new TaskDrain(this.#flights, parts.clock);
    this.#record = new TaskRecord(parts);
    this.#earlier = new EarlierTasks(parts, this.#flights, this.#record);
    const partings = new Partings(parts);
    this.#off = parts.tail.on((event) => {
      this.#drain.observe(event);
      partings.observe(event);
    });
  }

  /** Tasks that run now, for the metrics. */
  get running(): number {
    return this.#flights.size;
  }

  async start(instanceId: string, task: Wish, request: CommandRequest): Promise<Started> {
    const { executor, clock, ids, self, hash } = this.#parts;
    const { state } = await executor.state(instance, instanceId);
    if (state.request === null) throw new Refusal("instance-not-found", "There is no such instance.");
    const own: CommandRequest = { ...request, agent: state.request.agent_id, instance: instanceId };
    const { method, timeout_s } = resolveEndpoint(state.request, task.endpoint, task.timeout_s);
    const now = clock.now();
    const day = dayOf(fromMillis(now));
    // The admission itself knows a command of today again; an instance that no longer runs admits nothing.
    // Only a request that may come again is looked for, on days that it may have come on.
    const days = (): string[] => (state.status === "running" ? [shiftDay(day, -1)] : [day, shiftDay(day, -1)]);
    const known = await (own.request_hash === undefined ? null : earlierTask(executor, ids, state, days(), own));
    if (known !== null) return this.#earlier.answer(instanceId, known, timeout_s);
    if (state.status !== "running") throw notRunning(state);
    const task_id = taskIdOn(day, ids, own);
    if (!state.usage_days.includes(day)) await executor.execute(recordFact, { fact: { type: "UsageDayOpened", data: { instance_id: instanceId, day } } }, systemRequest(state.request, ids));
    const outcome = await executor.execute(admitTask, {
      task_id, instance_id: instanceId, endpoint: task.endpoint, timeout_s, deadline: fromMillis(now + timeout_s * 1000), executor: self,
      parameters_hash: hash(JSON.stringify(task.parameters) ?? "null"),
    }, { ...own, once: own.request_hash === undefined });
    const admitted = outcome.events[0];
    const entry = outcome.state.tasks.get(task_id);
    if (admitted === undefined && entry !== undefined) return this.#earlier.repeated(instanceId, { task_id, entry, position: outcome.position }, own, timeout_s);
    const flight: Flight = { task_id, instance_id: instanceId, admitted_at: now, abort: new AbortController(), stop: null, finished: null };
    const before = await this.#before(flight, own);
    if (before !== null) return this.#earlier.answer(instanceId, before, timeout_s);
    this.#flights.add(flight);
    flight.finished = this.#run(flight, own, { endpoint: task.endpoint, method, parameters: task.parameters, timeout_s });
    const created_at = admitted?.metadata.recorded_at ?? fromMillis(now);
    return { task_id, created_at, position: outcome.position, finished: flight.finished };
  }

  async cancel(taskId: string, instanceId: string, request: CommandRequest): Promise<string> {
    const flight = this.#flights.get(taskId);
    if (flight !== undefined && flight.instance_id === instanceId) {
      stopFlight(flight, { reason: "requested", request });
      return (await flight.finished)?.position ?? "";
    }
    const data = { task_id: taskId, instance_id: instanceId, execution_ms: 0, reason: "requested" };
    const { position } = await this.#parts.executor.execute(finishTask, { ending: { type: "TaskCancelled", data } }, { ...request, instance: instanceId });
    return position;
  }

  result(taskId: string): Promise<unknown> {
    return this.#record.result(taskId);
  }

  upstreamBody(taskId: string): Promise<unknown> {
    return this.#record.upstreamBody(taskId);
  }

  /** Waits for what runs, at most so long, then cancels the rest, whose callers are still there to be told. Nothing may be asked of this process any more. */
  async settle(ms: number): Promise<void> {
    const ended = async (): Promise<void> => { await Promise.all(this.#flights.all().map(async (flight) => flight.finished)); };
    if (ms > 0 && this.#flights.size > 0) await withDeadline(this.#parts.clock, ms, ended).catch(() => undefined);
    for (const flight of this.#flights.all()) stopFlight(flight, { reason: "server-stopping" });
    await ended();
  }

  /** Cancels what still runs and waits until that is written. */
  async stop(): Promise<void> {
    await this.settle(0);
    this.#off();
    this.#drain.stop();
  }

  // Where another process was first, or nobody can tell, the task is given up before it begins.
  async #before(flight: Flight, request: CommandRequest): Promise<KnownTask | null> {
    if (request.request_hash === undefined) return null;
    const giveUp = (reason: string): void => {
      flight.stop = { reason };
      this.#flights.add(flight);
      flight.finished = this.#record.finish(flight, request, null).finally(() => this.#flights.remove(flight));
    };
    try {
      const before = await admittedBefore(this.#parts.executor, this.#parts.ids, flight, request);
      if (before !== null) giveUp("admitted-before");
      return before;
    } catch (error) {
      giveUp(isRefusal(error) ? "admitted-before" : "unavailable");
      throw error;
    }
  }

  // The intent to pause and the admission each write first and look second, so that one of them sees the other.
  async #run(flight: Flight, request: CommandRequest, task: { endpoint: string; method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"; parameters: unknown; timeout_s: number }): Promise<{ view: TaskView; position: string }> {
    try {
      const state = await this.#look(flight.instance_id);
      if (state?.status !== "running" || state.request === null || state.address === null) {
        flight.stop ??= { reason: "instance-not-running" };
        return await this.#record.finish(flight, request, null);
      }
      const { clock, drivers } = this.#parts;
      const remaining = Math.max(1, flight.admitted_at + task.timeout_s * 1000 - clock.now());
      const answer = await dispatch(clock, driverOf(drivers, state.request), targetOf(state.request, state.address),
        { task_id: flight.task_id, endpoint: task.endpoint, method: task.method, parameters: task.parameters, timeout_ms: remaining }, flight.abort);
      return await this.#record.finish(flight, request, answer);
    } finally {
      this.#flights.remove(flight);
    }
  }

  #look(instanceId: string): Promise<InstanceState | null> {
    return this.#parts.executor.state(instance, instanceId).then(({ state }) => state, () => null);
  }
}

const driverOf = (drivers: Drivers, request: InstanceRequest) => drivers[request.release.protocol];
