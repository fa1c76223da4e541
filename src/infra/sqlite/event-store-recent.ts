import type { StoredEvent } from "#domain/kernel/event.ts";

const most = 1_024;

const place = (position: string): number => Number(position);

/** What this process appended last, without a gap, so that its own subscriptions need not read it from the file again. */
export class RecentAppends {
  #events: StoredEvent[] = [];

  /** Appended events in order. Those that an earlier append had written already are known, or are read where they are wanted. */
  add(events: readonly StoredEvent[]): void {
    const [first] = events;
    if (first === undefined) return;
    const last = this.#events.at(-1);
    const next = place(first.position);
    if (last !== undefined && next <= place(last.position)) return;
    if (last !== undefined && next !== place(last.position) + 1) this.#events = [];
    this.#events.push(...events);
    if (this.#events.length > 2 * most) this.#events = this.#events.slice(-most);
  }

  /** The log may hold more than is known here. */
  forget(): void {
    this.#events = [];
  }

  /** What follows a position up to the log's end; null when the log itself has to tell. */
  after(position: string | undefined): readonly StoredEvent[] | null {
    const [first] = this.#events;
    if (first === undefined || position === undefined) return null;
    const skipped = place(position) + 1 - place(first.position);
    return skipped < 0 ? null : this.#events.slice(skipped);
  }
}
