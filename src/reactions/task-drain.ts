import type { Clock } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { isTransition } from "#domain/instance/transitions.ts";
import { limits } from "./limits.ts";
import { type Flights, stopFlight } from "./task-flights.ts";

const graces: Readonly<Record<string, { readonly ms: number; readonly reason: string }>> = {
  PauseRequested: { ms: limits.pauseGraceMs, reason: "instance-paused" },
  TerminationRequested: { ms: limits.terminateGraceMs, reason: "instance-terminated" },
};

/** Lets an instance's tasks end within the grace when it is to pause or to end, and cancels the rest. */
export class TaskDrain {
  readonly #flights: Flights;
  readonly #clock: Clock;
  readonly #timers = new Map<string, () => void>();

  constructor(flights: Flights, clock: Clock) {
    this.#flights = flights;
    this.#clock = clock;
  }

  /** What the tail tells; quick, since it sees every event. */
  observe(event: StoredEvent): void {
    if (event.stream.startsWith("usage-")) this.#ended(event);
    else if (isTransition(event.type)) this.#moved(event);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #moved({ stream, type }: StoredEvent): void {
    this.#timers.get(stream)?.();
    this.#timers.delete(stream);
    const grace = graces[type];
    const flights = this.#flights.of(stream);
    if (grace === undefined || flights.length === 0) return;
    this.#timers.set(stream, this.#clock.after(grace.ms, () => {
      this.#timers.delete(stream);
      for (const flight of flights) stopFlight(flight, { reason: grace.reason });
    }));
  }

  // Another process cancelled the task, or gave it up.
  #ended({ type, data }: StoredEvent): void {
    if (type !== "TaskCancelled" && type !== "TaskLost") return;
    const flight = this.#flights.get((data as { task_id: string }).task_id);
    if (flight !== undefined) stopFlight(flight, { reason: "requested" });
  }
}
