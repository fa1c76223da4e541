import type { StoredEvent } from "#domain/kernel/event.ts";
import type { EventFeed } from "./ports.ts";

const kept = 4;

/** Reads the log for a projector: what follows a whole page is asked for at once, so that reading goes on while documents are written. */
export class ReadAhead {
  readonly #feed: Pick<EventFeed, "readAfter">;
  readonly #ahead = new Map<string, Promise<StoredEvent[]>>();

  constructor(feed: Pick<EventFeed, "readAfter">) {
    this.#feed = feed;
  }

  /** At most `max` events after a position, in order. */
  async readAfter(position: string, max: number): Promise<StoredEvent[]> {
    const asked = this.#ahead.get(position);
    this.#ahead.delete(position);
    const page = await (asked ?? this.#feed.readAfter(position, max));
    const last = page.at(-1)?.position;
    if (last !== undefined && page.length === max) this.#ask(last, max);
    return page;
  }

  #ask(position: string, max: number): void {
    // Those that nobody came for belonged to a collection that has failed, or has caught up with the others.
    for (const oldest of [...this.#ahead.keys()].slice(0, Math.max(0, this.#ahead.size - kept + 1))) this.#ahead.delete(oldest);
    const page = this.#feed.readAfter(position, max);
    page.catch(() => undefined); // told to whoever takes it
    this.#ahead.set(position, page);
  }
}
