import { randomUUID } from "node:crypto";
import {
  BACKWARDS, END, type EventStoreDBClient, FORWARDS, jsonEvent, NO_STREAM, type ReadStreamOptions, type ResolvedEvent, START,
} from "@eventstore/db-client";
import {
  type AppendResult, type EventStore, type NewEvent, noStream, type Subscription, Unavailable, WrongExpectedRevision,
} from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { checkAppendSize } from "#infra/event-limits.ts";
import { EventStoreMisconfigured } from "./connection.ts";
import { storeStream, toStoredEvent } from "./events.ts";
import type { AppendGuard } from "./guard.ts";
import { answeredWithin, type Patience, persist } from "./patience.ts";
import { encodePosition } from "./positions.ts";
import { collect, scanLog } from "./reader.ts";
import { SupervisedSubscription } from "./subscription.ts";

type ReadOptions = NonNullable<Parameters<EventStore["read"]>[1]>;
type ReadAllOptions = NonNullable<Parameters<EventStore["readAll"]>[0]>;

const pageSize = 1_000;
const tooOld = "EventStoreDB is too old: 22.6 or newer is needed";
const zero = encodePosition({ commit: 0n, prepare: 0n });

/** The port on one client; `open.ts` makes it. */
export class EventStoreDb implements EventStore {
  readonly #client: EventStoreDBClient;
  readonly #guard: AppendGuard;
  readonly #patience: Patience;
  readonly #silenceMs: number;
  readonly #subscriptions = new Set<SupervisedSubscription>();
  readonly #onClose: () => void;
  #storeId = "";
  #closed = false;

  constructor(client: EventStoreDBClient, guard: AppendGuard, patience: Patience, silenceMs: number, onClose: () => void) {
    this.#onClose = onClose;
    this.#client = client;
    this.#guard = guard;
    this.#patience = patience;
    this.#silenceMs = silenceMs;
  }

  get storeId(): string {
    return this.#storeId;
  }

  /** Learns the store's identity, or gives it one, and whether this server and user will do. */
  async identify(): Promise<void> {
    const named = async (): Promise<ResolvedEvent["event"]> => (await this.#readStream(storeStream, { max: 1 }))[0]?.event;
    let naming = await named();
    if (naming === undefined) {
      await this.#nameStore();
      naming = await named();
    }
    // Before 22.6 a server did not say where in the log the events of a stream are: it leaves this out, or fills it with ones.
    if (naming?.position === undefined || naming.position.commit >= 2n ** 63n) throw new EventStoreMisconfigured(tooOld);
    this.#storeId = (naming.data as { store_id?: string }).store_id ?? "";
    // Whoever may not read the log is told now, and not by a subscription that never brings anything.
    await this.#tip();
  }

  async append(stream: string, events: readonly NewEvent[], expected: number): Promise<AppendResult> {
    this.#checkOpen();
    checkAppendSize(stream, events.map(({ id, type, data, metadata }) => ({
      id, type, data: JSON.stringify(data) ?? "null", metadata: JSON.stringify(metadata),
    })));
    if (events.length === 0) return this.#appendNothing(stream, expected);
    const proposed = events.map(({ id, type, data, metadata }) =>
      jsonEvent({ id, type, data: (data ?? null) as Record<string, unknown>, metadata: { ...metadata } }));
    const { nextExpectedRevision, position } = await persist(this.#patience, true, () =>
      answeredWithin(
        this.#patience.attemptMs,
        this.#client.appendToStream(stream, proposed, {
          expectedRevision: expected === noStream ? NO_STREAM : BigInt(expected),
          requiresLeader: true,
        }),
        () => this.#guard.reset(),
      ));
    const revision = Number(nextExpectedRevision);
    if (position) return { revision, position: encodePosition(position) };
    const [last] = await this.read(stream, { from: revision, max: 1 });
    return { revision, position: last?.position ?? zero };
  }

  async read(stream: string, options: ReadOptions = {}): Promise<StoredEvent[]> {
    const found = await this.#readStream(stream, options);
    return found.flatMap((record) => toStoredEvent(record) ?? []);
  }

  async readAll({ from, direction, max = pageSize }: ReadAllOptions = {}): Promise<StoredEvent[]> {
    this.#checkOpen();
    const { events } = await scanLog(this.#client, this.#patience, {
      from: from === "" ? undefined : from, backwards: direction === "backwards", max,
    });
    return events;
  }

  async subscribeAll(
    from: string | "start" | "end",
    onEvent: (event: StoredEvent) => Promise<void> | void,
  ): Promise<Subscription> {
    this.#checkOpen();
    const subscription = new SupervisedSubscription(this.#client, {
      from: from === "end" ? await this.#tip() : from === "start" || from === "" ? undefined : from,
      onEvent,
      look: (after) => scanLog(this.#client, this.#patience, { from: after, max: 1 }),
      silenceMs: this.#silenceMs,
    });
    this.#subscriptions.add(subscription);
    return {
      stop: async () => {
        this.#subscriptions.delete(subscription);
        await subscription.stop();
      },
    };
  }

  async health(): Promise<{ ok: boolean; detail?: string }> {
    try {
      this.#checkOpen();
      await this.#readStream(storeStream, { max: 1 }, { attemptMs: Math.min(this.#patience.attemptMs, 3_000), budgetMs: 0 });
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: (error as Error).message };
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await this.#guard.dispose();
    this.#onClose();
  }

  #checkOpen(): void {
    if (this.#closed) throw new Unavailable("the event store is closed");
  }

  async #nameStore(): Promise<void> {
    const naming = jsonEvent({ id: randomUUID(), type: "StoreNamed", data: { store_id: randomUUID() } });
    try {
      await persist(this.#patience, true, () => answeredWithin(
        this.#patience.attemptMs,
        this.#client.appendToStream(storeStream, [naming], { expectedRevision: NO_STREAM, requiresLeader: true }),
        () => this.#guard.reset(),
      ));
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error; // else another process was quicker
    }
  }

  async #appendNothing(stream: string, expected: number): Promise<AppendResult> {
    const [last] = await this.read(stream, { direction: "backwards", max: 1 });
    const actual = last?.revision ?? noStream;
    if (actual !== expected) throw new WrongExpectedRevision(stream, expected, actual);
    return { revision: actual, position: last?.position ?? zero };
  }

  async #tip(): Promise<string | undefined> {
    const [last] = await this.readAll({ direction: "backwards", max: 1 });
    return last?.position;
  }

  async #readStream(stream: string, { from, direction, max }: ReadOptions, patience = this.#patience): Promise<ResolvedEvent[]> {
    this.#checkOpen();
    if (max !== undefined && max <= 0) return [];
    const backwards = direction === "backwards";
    const options: ReadStreamOptions = {
      fromRevision: from === undefined ? (backwards ? END : START) : BigInt(from),
      direction: backwards ? BACKWARDS : FORWARDS,
      maxCount: max ?? Number.MAX_SAFE_INTEGER,
      requiresLeader: true,
    };
    return persist(patience, false, async () => {
      try {
        return await collect<ResolvedEvent>(patience.attemptMs, () => this.#client.readStream(stream, options));
      } catch (error) {
        if ((error as { type?: string }).type === "stream-not-found") return [];
        throw error;
      }
    });
  }
}
