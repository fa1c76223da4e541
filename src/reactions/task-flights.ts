import type { CommandRequest } from "#commands/execute.ts";
import type { TaskView } from "./services.ts";

/** Why a task was told to stop: a reason, and who asked where it was not the process itself. */
export interface Stop {
  readonly reason: string;
  readonly request?: CommandRequest | undefined;
}

/** A task that this process runs. */
export interface Flight {
  readonly task_id: string;
  readonly instance_id: string;
  readonly admitted_at: number;
  readonly abort: AbortController;
  stop: Stop | null;
  /** Set as soon as the task is on its way. */
  finished: Promise<{ view: TaskView; position: string }> | null;
}

/** The tasks that this process runs, by id and by instance. */
export class Flights {
  readonly #byId = new Map<string, Flight>();
  readonly #byInstance = new Map<string, Set<Flight>>();

  add(flight: Flight): void {
    this.#byId.set(flight.task_id, flight);
    const present = this.#byInstance.get(flight.instance_id);
    if (present === undefined) this.#byInstance.set(flight.instance_id, new Set([flight]));
    else present.add(flight);
  }

  remove(flight: Flight): void {
    this.#byId.delete(flight.task_id);
    const present = this.#byInstance.get(flight.instance_id);
    if (present?.delete(flight) === true && present.size === 0) this.#byInstance.delete(flight.instance_id);
  }

  get(taskId: string): Flight | undefined {
    return this.#byId.get(taskId);
  }

  of(instanceId: string): Flight[] {
    return [...this.#byInstance.get(instanceId) ?? []];
  }

  all(): Flight[] {
    return [...this.#byId.values()];
  }

  get size(): number {
    return this.#byId.size;
  }
}

/** Tells a task to stop; the first reason stands. */
export function stopFlight(flight: Flight, stop: Stop): void {
  if (flight.stop !== null) return;
  flight.stop = stop;
  flight.abort.abort(new Error(stop.reason));
}
