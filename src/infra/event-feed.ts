import { setTimeout as delay } from "node:timers/promises";
import type { Subscription } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";

type ReadPage = (from: string | undefined) => Promise<readonly StoredEvent[]>;
type OnEvent = (event: StoredEvent) => Promise<void> | void;

const firstPause = 50;
const longestPause = 5_000;

/** The subscriptions of a store that knows of each of its appends: they read on whenever there may be more. */
export class EventFeed {
  readonly #readPage: ReadPage;
  readonly #running = new Set<Follower>();

  constructor(readPage: ReadPage) {
    this.#readPage = readPage;
  }

  subscribe(from: string | undefined, onEvent: OnEvent): Subscription {
    const follower = new Follower(this.#readPage, from, onEvent);
    this.#running.add(follower);
    return {
      stop: async () => {
        this.#running.delete(follower);
        await follower.stop();
      },
    };
  }

  /** There may be new events. */
  wake(): void {
    for (const follower of this.#running) follower.wake();
  }

  async close(): Promise<void> {
    const all = [...this.#running];
    this.#running.clear();
    await Promise.all(all.map((follower) => follower.stop()));
  }
}

class Follower {
  readonly #readPage: ReadPage;
  readonly #onEvent: OnEvent;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #from: string | undefined;
  #dirty = true;
  #inHandler = false;
  #wake = (): void => {};

  constructor(readPage: ReadPage, from: string | undefined, onEvent: OnEvent) {
    this.#readPage = readPage;
    this.#onEvent = onEvent;
    this.#from = from;
    this.#done = this.#run();
  }

  wake(): void {
    this.#dirty = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    // A handler may stop its own subscription; waiting for that handler would never end.
    if (!this.#inHandler) await this.#done;
  }

  async #run(): Promise<void> {
    let pause = firstPause;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#drain();
        pause = firstPause;
        await this.#news();
      } catch {
        // The store is away or the handler failed: the same event comes again, nothing is skipped.
        this.#dirty = true;
        await delay(pause, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
        pause = Math.min(pause * 2, longestPause);
      }
    }
  }

  async #drain(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false;
      const page = await this.#readPage(this.#from);
      for (const event of page) {
        if (this.#stopping.signal.aborted) return;
        this.#inHandler = true;
        try {
          await this.#onEvent(event);
        } finally {
          this.#inHandler = false;
        }
        this.#from = event.position;
      }
      if (page.length > 0) this.#dirty = true;
    }
  }

  async #news(): Promise<void> {
    if (this.#dirty || this.#stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = () => {};
  }
}
