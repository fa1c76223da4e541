import {
  type AppendResult, type Entry, type EventStore, type NewEvent, OutcomeUnknown, type Subscription, Unavailable, WrongExpectedRevision,
} from "#commands/ports.ts";
import type { EventMetadata, StoredEvent } from "#domain/kernel/event.ts";
import { EventFeed } from "#infra/event-feed.ts";
import { checkAppendSize } from "#infra/event-limits.ts";
import { type LogBackend, openMemoryBackend, openWorkerBackend } from "./event-store-backend.ts";
import { encodeEntry, type LogEntries, logEntries } from "./event-store-entries.ts";
import { RecentAppends } from "./event-store-recent.ts";
import type { LogAnswer, LogRequest, LogRow } from "./event-store-log.ts";

type ReadOptions = NonNullable<Parameters<EventStore["read"]>[1]>;
type ReadAllOptions = NonNullable<Parameters<EventStore["readAll"]>[0]>;

const pageSize = 1_000;

/** A store that can be copied while it is in use. */
export interface Copyable {
  /** Writes a consistent copy into a new file. */
  backup(path: string): Promise<void>;
}

/** An event store that keeps entries of the system store itself, in one transaction with the events that they came with. */
export interface EmbeddedEventStore extends EventStore, Copyable {
  readonly entries: LogEntries;
}

/** The embedded event store: a file whose appends are durable once answered, or ":memory:" within this thread. */
export async function openSqliteEventStore(pathOrMemory: string): Promise<EmbeddedEventStore> {
  return new SqliteEventStore(pathOrMemory === ":memory:" ? openMemoryBackend() : await openWorkerBackend(pathOrMemory));
}

class SqliteEventStore implements EmbeddedEventStore {
  readonly storeId: string;
  readonly entries: LogEntries;
  readonly #backend: LogBackend;
  readonly #recent = new RecentAppends();
  readonly #feed = new EventFeed(async (from) => this.#recent.after(from) ?? await this.readAll(from === undefined ? {} : { from }));

  constructor(backend: LogBackend) {
    this.#backend = backend;
    this.storeId = backend.storeId;
    this.entries = logEntries(async (request) => {
      const answer = await this.#ask({ op: "entries", request });
      if (answer.kind !== "entries") throw new Unavailable("the event store gave no answer about its entries");
      return answer.answer;
    });
  }

  async append(stream: string, events: readonly NewEvent[], expected: number, entries: readonly Entry[] = []): Promise<AppendResult> {
    const encoded = events.map(({ id, type, data, metadata }) => ({
      id, type, data: JSON.stringify(data) ?? "null", metadata: JSON.stringify(metadata),
    }));
    checkAppendSize(stream, encoded);
    try {
      const answer = await this.#ask({ op: "append", stream, expected, events: encoded, entries: entries.map(encodeEntry) });
      if (answer.kind === "conflict") throw new WrongExpectedRevision(stream, expected, answer.actual);
      if (answer.kind !== "appended") throw new OutcomeUnknown("the event store gave no answer to an append");
      this.#recent.add(events.map((event, index) => ({
        id: event.id, stream, revision: expected + 1 + index, type: event.type, position: toPosition(answer.position - events.length + 1 + index),
        data: JSON.parse(encoded[index]?.data ?? "null") as unknown, metadata: event.metadata,
      })));
      return { revision: answer.revision, position: toPosition(answer.position) };
    } catch (error) {
      // Even a failed append may have been written: the subscriptions look in any case.
      this.#recent.forget();
      throw error;
    } finally {
      this.#feed.wake();
    }
  }

  async read(stream: string, { from, direction, max }: ReadOptions = {}): Promise<StoredEvent[]> {
    const backwards = direction === "backwards";
    return this.#rows({ op: "read", stream, from: from ?? null, backwards, max: max ?? -1 });
  }

  async readAll({ from, direction, max }: ReadAllOptions = {}): Promise<StoredEvent[]> {
    const backwards = direction === "backwards";
    return this.#rows({ op: "readAll", from: from ? Number(from) : null, backwards, max: max ?? pageSize });
  }

  async subscribeAll(
    from: string | "start" | "end",
    onEvent: (event: StoredEvent) => Promise<void> | void,
  ): Promise<Subscription> {
    if (from !== "end") return this.#feed.subscribe(from === "start" ? undefined : from, onEvent);
    const [last] = await this.readAll({ direction: "backwards", max: 1 });
    return this.#feed.subscribe(last?.position, onEvent);
  }

  async health(): Promise<{ ok: boolean; detail?: string }> {
    try {
      await this.readAll({ direction: "backwards", max: 1 });
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: (error as Error).message };
    }
  }

  async backup(path: string): Promise<void> {
    await this.#ask({ op: "backup", path });
  }

  async close(): Promise<void> {
    await this.#feed.close();
    await this.#backend.close();
  }

  async #rows(request: LogRequest): Promise<StoredEvent[]> {
    const answer = await this.#ask(request);
    return answer.kind === "rows" ? answer.rows.map(toEvent) : [];
  }

  async #ask(request: LogRequest): Promise<LogAnswer> {
    const answer = await this.#backend.send(request);
    if (answer.kind !== "failed") return answer;
    // A full disk surely wrote nothing; after any other failure of an append only an identical retry can tell.
    if (request.op === "append" && !answer.full) throw new OutcomeUnknown(`the event store failed: ${answer.message}`);
    throw new Unavailable(`the event store failed: ${answer.message}`);
  }
}

function toPosition(position: number): string {
  return String(position).padStart(16, "0");
}

function toEvent([position, stream, revision, id, type, data, metadata]: LogRow): StoredEvent {
  return {
    id, stream, revision, type,
    position: toPosition(position),
    data: JSON.parse(data) as unknown,
    metadata: JSON.parse(metadata) as EventMetadata,
  };
}
