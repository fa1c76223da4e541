import { decode } from "#domain/catalogue.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import type { Clock, EventStore, Subscription } from "./ports.ts";

const pageSize = 1000;

/** In today's form; what cannot be read passes as it is, for each follower to judge. */
const decoded = (event: StoredEvent): StoredEvent => decode(event) ?? event;

/** How much of the log's end is kept in memory. */
export interface WindowLimits {
  readonly events: number;
  readonly ageMs: number;
}

/**
 * The process's one subscription to the log, with a window of what came last. It waits for no consumer: one that is behind
 * the window reads the store, so that a slow read model never delays a pause.
 */
export class Tail {
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #limits: WindowLimits;
  #window: StoredEvent[] = [];
  /** The window holds every event after this position. */
  #windowStart = "";
  #head = "";
  #subscription: Subscription | undefined;
  readonly #listeners = new Set<(event: StoredEvent) => void>();

  constructor(store: EventStore, clock: Clock, limits: WindowLimits = { events: 50_000, ageMs: 3_600_000 }) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** The position of the newest event that was seen; empty before the first. */
  get head(): string {
    return this.#head;
  }

  get storeId(): string {
    return this.#store.storeId;
  }

  /** The newest events that are at hand, in order. */
  get window(): readonly StoredEvent[] {
    return this.#window;
  }

  /** Warms the window from the log's end and follows the log from there. */
  async start(): Promise<void> {
    await this.#warm();
    this.#subscription = await this.#store.subscribeAll(this.#head === "" ? "start" : this.#head, (event) => this.#push(event));
  }

  async stop(): Promise<void> {
    await this.#subscription?.stop();
    this.#listeners.clear();
  }

  /** Tells every event from now on, in order. A listener must be quick and must not throw. The answer ends it. */
  on(listener: (event: StoredEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events after a position in order, from the window where it reaches that far back. */
  async readAfter(position: string, max: number): Promise<StoredEvent[]> {
    return this.since(position, max) ?? await this.#store.readAll({ from: position, max });
  }

  /** Events after a position out of the window alone; null when they are older than it. */
  since(position: string, max = Number.POSITIVE_INFINITY): StoredEvent[] | null {
    if (position < this.#windowStart) return null;
    const first = this.#firstAfter(position);
    return this.#window.slice(first, Number.isFinite(max) ? first + max : undefined);
  }

  /** Settles once an event after the position was seen, or the signal aborts. */
  whenNewer(position: string, signal: AbortSignal): Promise<void> {
    if (this.#head > position || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => { stop(); signal.removeEventListener("abort", done); resolve(); };
      const stop = this.on((event) => { if (event.position > position) done(); });
      signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Waits for the first event from now on that passes the test; null after `ms`. Register before appending. */
  waitFor(test: (event: StoredEvent) => boolean, ms: number): { event: Promise<StoredEvent | null>; cancel(): void } {
    let cancel = (): void => undefined;
    const event = new Promise<StoredEvent | null>((resolve) => {
      const finish = (found: StoredEvent | null) => { stop(); stopTimer(); resolve(found); };
      const stop = this.on((candidate) => { if (test(candidate)) finish(candidate); });
      const stopTimer = this.#clock.after(ms, () => finish(null));
      cancel = () => finish(null);
    });
    return { event, cancel: () => cancel() };
  }

  async #warm(): Promise<void> {
    const oldest = new Date(this.#clock.now() - this.#limits.ageMs).toISOString();
    const newestFirst: StoredEvent[] = [];
    let complete = false;
    for (let young = true; young && !complete && newestFirst.length < this.#limits.events;) {
      const page = await this.#pageBefore(newestFirst.at(-1)?.position);
      newestFirst.push(...page);
      complete = page.length < pageSize;
      young = (page.at(-1)?.metadata.recorded_at ?? "") >= oldest;
    }
    this.#window = newestFirst.toReversed().map(decoded);
    this.#head = newestFirst[0]?.position ?? "";
    if (!complete) this.#windowStart = this.#window.shift()?.position ?? "";
  }

  #pageBefore(from: string | undefined): Promise<StoredEvent[]> {
    return this.#store.readAll({ direction: "backwards", max: pageSize, ...(from === undefined ? {} : { from }) });
  }

  #push(event: StoredEvent): void {
    const seen = decoded(event);
    this.#window.push(seen);
    this.#head = seen.position;
    if (this.#window.length > this.#limits.events + pageSize) this.#trim();
    const listeners = Array.from(this.#listeners);
    for (const listener of listeners) listener(seen);
  }

  #trim(): void {
    const surplus = this.#window.length - this.#limits.events;
    this.#windowStart = this.#window[surplus - 1]?.position ?? this.#windowStart;
    this.#window = this.#window.slice(surplus);
  }

  #firstAfter(position: string): number {
    let [low, high] = [0, this.#window.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#window[middle]?.position ?? "") > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
