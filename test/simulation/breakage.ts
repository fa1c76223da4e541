import type { AppendResult, EventStore } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";

/** A fault of the application itself, as if somebody had built it wrong. */
export const breakages = ["drop-event", "double-charge", "leak-slot"] as const;
/** One of them. */
export type BreakageName = (typeof breakages)[number];

/** Builds the application wrong on purpose, to prove that the simulation finds it. */
export class Breakage {
  readonly #name: BreakageName | null;
  #seen = 0;

  constructor(name: BreakageName | null) {
    this.#name = name;
  }

  /** An event that the read side never gets to see. */
  hides(event: StoredEvent): boolean {
    return this.#name === "drop-event" && (event.type === "TaskSucceeded" || event.type === "PauseRequested") && this.#every(4);
  }

  async append(store: EventStore, ...asked: Parameters<EventStore["append"]>): Promise<AppendResult> {
    const [stream, events, expected] = asked;
    const lone = events.length === 1 ? events[0] : undefined;
    if (this.#name === "leak-slot" && lone?.type === "SlotReleased" && this.#every(2)) return this.#swallow(store, expected);
    const result = await store.append(...asked);
    if (this.#name !== "double-charge" || lone?.type !== "TaskSucceeded" || !this.#every(4)) return result;
    return store.append(stream, [{ ...lone, id: `${lone.id.slice(0, -1)}${lone.id.endsWith("f") ? "e" : "f"}` }], result.revision);
  }

  async #swallow(store: EventStore, expected: number): Promise<AppendResult> {
    const [last] = await store.readAll({ direction: "backwards", max: 1 });
    return { revision: expected + 1, position: last?.position ?? "" };
  }

  #every(count: number): boolean {
    this.#seen += 1;
    return this.#seen % count === 0;
  }
}
