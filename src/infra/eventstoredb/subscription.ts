import { setTimeout as delay } from "node:timers/promises";
import { type AllStreamSubscription, type EventStoreDBClient, excludeSystemEvents, START } from "@eventstore/db-client";
import type { Subscription } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { toStoredEvent } from "./events.ts";
import { decodePosition } from "./positions.ts";
import type { Scan } from "./reader.ts";

/** What a subscription needs besides the client. */
export interface SubscriptionOptions {
  readonly from: string | undefined;
  onEvent(event: StoredEvent): Promise<void> | void;
  /** Looks for one event after a position. */
  look(from: string | undefined): Promise<Scan>;
  /** How long silence is believed. */
  readonly silenceMs: number;
}

const firstPause = 50;
const longestPause = 5_000;
// The server reports its progress each so many records of its own; with the client's default of 32 a long stretch of them is slow.
const ours = excludeSystemEvents({ maxSearchWindow: 1_000, checkpointInterval: 10 });

/**
 * The client's subscriptions end with their connection and say so once, or not at all. This one starts a new one from
 * the last delivered event whenever one ends, fails, or is silent while the log has more.
 */
export class SupervisedSubscription implements Subscription {
  readonly #client: EventStoreDBClient;
  readonly #options: SubscriptionOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #source: AllStreamSubscription | undefined;
  #last: string | undefined;
  #scanned: string | undefined;
  #suspect: string | undefined;
  #inHandler = false;

  constructor(client: EventStoreDBClient, options: SubscriptionOptions) {
    this.#client = client;
    this.#options = options;
    this.#last = options.from;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#source?.destroy();
    // A handler may stop its own subscription; waiting for that handler would never end.
    if (!this.#inHandler) await this.#done;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    let pause = firstPause;
    while (!this.#stopped) {
      const before = this.#last;
      await this.#follow().catch(() => undefined); // whatever ended it, the next one goes on where it stood
      pause = this.#last === before ? Math.min(pause * 2, longestPause) : firstPause;
      if (!this.#stopped) await delay(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #follow(): Promise<void> {
    const fromPosition = this.#last === undefined ? START : decodePosition(this.#last);
    const source = this.#client.subscribeToAll({ fromPosition, filter: ours, requiresLeader: true });
    source.on("error", () => {}); // one that comes after the loop would end the process
    this.#source = source;
    const watch = setInterval(() => void this.#watch(source).catch(() => undefined), this.#options.silenceMs);
    try {
      for await (const record of source) {
        if (this.#stopped) return;
        const event = toStoredEvent(record);
        if (event && (this.#last === undefined || event.position > this.#last)) await this.#deliver(event);
      }
    } finally {
      clearInterval(watch);
      source.unsubscribe().catch(() => undefined);
      source.destroy();
    }
  }

  async #deliver(event: StoredEvent): Promise<void> {
    this.#inHandler = true;
    try {
      await this.#options.onEvent(event);
    } finally {
      this.#inHandler = false;
    }
    this.#last = event.position;
  }

  /** Ends a subscription that twice in a row stands still before an event that a read finds. */
  async #watch(source: AllStreamSubscription): Promise<void> {
    if (this.#inHandler) return;
    const last = this.#last;
    const from = this.#scanned !== undefined && (last === undefined || this.#scanned > last) ? this.#scanned : last;
    const { events, end } = await this.#options.look(from);
    if (this.#source !== source || this.#last !== last || this.#inHandler) return;
    if (events.length === 0) {
      this.#scanned = end;
      this.#suspect = undefined;
    } else if (this.#suspect === events[0]?.position) {
      this.#suspect = undefined;
      source.destroy(new Error("the subscription has fallen silent"));
    } else {
      this.#suspect = events[0]?.position;
    }
  }
}
