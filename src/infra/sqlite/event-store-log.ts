import { randomUUID } from "node:crypto";
import { backup, DatabaseSync, type StatementSync } from "node:sqlite";
import type { EncodedEvent } from "#infra/event-limits.ts";
import { type EntryAnswer, type EntryRequest, type EntryRow, EntryTable } from "./event-store-entries.ts";

/** A stored event as columns: position, stream, revision, id, type, data, metadata. */
export type LogRow = readonly [number, string, number, string, string, string, string];

/** What the log is asked; plain data, so that it can cross to a worker thread. */
export type LogRequest =
  | { op: "append"; stream: string; expected: number; events: readonly EncodedEvent[]; entries: readonly EntryRow[] }
  | { op: "read"; stream: string; from: number | null; backwards: boolean; max: number }
  | { op: "readAll"; from: number | null; backwards: boolean; max: number }
  | { op: "entries"; request: EntryRequest }
  | { op: "backup"; path: string }
  | { op: "close" };

/** What the log answers; plain data as well. */
export type LogAnswer =
  | { kind: "appended"; revision: number; position: number }
  | { kind: "conflict"; actual: number }
  | { kind: "rows"; rows: LogRow[] }
  | { kind: "entries"; answer: EntryAnswer }
  | { kind: "failed"; full: boolean; message: string };

const columns = "position, stream, revision, id, type, data, metadata";
const highest = Number.MAX_SAFE_INTEGER;
const sqliteFull = 13;

/** The synchronous heart of the embedded event store: one connection, kept statements, one writer. */
export class EventLog {
  readonly storeId: string;
  readonly #db: DatabaseSync;
  readonly #entries: EntryTable;
  readonly #last: StatementSync;
  readonly #insert: StatementSync;
  readonly #forwards: StatementSync;
  readonly #backwards: StatementSync;
  readonly #allForwards: StatementSync;
  readonly #allBackwards: StatementSync;

  constructor(path: string) {
    const db = new DatabaseSync(path, { timeout: 500 });
    this.#db = db;
    try {
      // In this order the lock is taken here and now, and a second process learns of it before it serves anybody.
      db.exec("pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full; begin immediate; commit");
      // Every append waits while a checkpoint is written, so there are few of them.
      db.exec("pragma wal_autocheckpoint=8000");
      this.storeId = createTables(db);
      this.#entries = new EntryTable(db);
    } catch (error) {
      db.close();
      throw error;
    }
    const rows = (sql: string): StatementSync => db.prepare(`select ${columns} from events ${sql}`, { returnArrays: true });
    this.#last = rows("where stream = ? order by revision desc limit 1");
    this.#insert = db.prepare("insert into events (stream, revision, id, type, data, metadata) values (?, ?, ?, ?, ?, ?)");
    this.#forwards = rows("where stream = ? and revision >= ? order by revision limit ?");
    this.#backwards = rows("where stream = ? and revision <= ? order by revision desc limit ?");
    this.#allForwards = rows("where position > ? order by position limit ?");
    this.#allBackwards = rows("where position < ? order by position desc limit ?");
  }

  /** Answers in order; all that is written shares one transaction, and nothing is answered before it is durable. */
  serve(requests: readonly LogRequest[]): LogAnswer[] {
    const writing = requests.some(({ op }) => op === "append" || op === "entries");
    try {
      if (writing) this.#db.exec("begin immediate");
      const answers = requests.map((request) => this.#answer(request));
      if (writing) this.#db.exec("commit");
      return answers;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("rollback");
      const full = (error as { errcode?: number }).errcode === sqliteFull;
      return requests.map(() => ({ kind: "failed", full, message: (error as Error).message }));
    }
  }

  /** Copies everything into a new file; what is appended meanwhile by this connection gets into the copy, too. */
  async backup(path: string): Promise<LogAnswer> {
    try {
      await backup(this.#db, path, { rate: 1000 });
      return { kind: "rows", rows: [] };
    } catch (error) {
      return { kind: "failed", full: false, message: (error as Error).message };
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #answer(request: LogRequest): LogAnswer {
    switch (request.op) {
      case "append":
        return this.#append(request);
      case "read": {
        const { stream, backwards, from, max } = request;
        const statement = backwards ? this.#backwards : this.#forwards;
        return { kind: "rows", rows: asRows(statement.all(stream, from ?? (backwards ? highest : 0), max)) };
      }
      case "readAll": {
        const { backwards, from, max } = request;
        const statement = backwards ? this.#allBackwards : this.#allForwards;
        return { kind: "rows", rows: asRows(statement.all(from ?? (backwards ? highest : 0), max)) };
      }
      case "entries":
        return { kind: "entries", answer: this.#entries.answer(request.request) };
      case "backup": // copied beside what is answered here
      case "close":
        return { kind: "rows", rows: [] };
    }
  }

  #append({ stream, expected, events, entries }: Extract<LogRequest, { op: "append" }>): LogAnswer {
    const [last] = asRows(this.#last.all(stream));
    const actual = last?.[2] ?? -1;
    if (actual !== expected) return this.#repeated(stream, expected, events) ?? { kind: "conflict", actual };
    let revision = expected;
    let position = last?.[0] ?? 0;
    for (const { id, type, data, metadata } of events) {
      revision += 1;
      position = Number(this.#insert.run(stream, revision, id, type, data, metadata).lastInsertRowid);
    }
    this.#entries.put(entries);
    return { kind: "appended", revision, position };
  }

  /** The original answer when exactly these events already follow the expected revision. */
  #repeated(stream: string, expected: number, events: readonly EncodedEvent[]): LogAnswer | undefined {
    const rows = asRows(this.#forwards.all(stream, expected + 1, events.length));
    const last = rows.at(-1);
    if (!last || rows.length !== events.length) return undefined;
    if (!rows.every((row, index) => row[3] === events[index]?.id)) return undefined;
    return { kind: "appended", revision: last[2], position: last[0] };
  }
}

function createTables(db: DatabaseSync): string {
  db.exec(`
    create table if not exists events (
      position integer primary key, stream text not null, revision integer not null,
      id text not null, type text not null, data text not null, metadata text not null,
      unique (stream, revision));
    create table if not exists meta (name text primary key, value text not null)`);
  db.prepare("insert or ignore into meta (name, value) values ('store_id', ?)").run(randomUUID());
  return String(db.prepare("select value from meta where name = 'store_id'").get()?.["value"]);
}

function asRows(rows: unknown): LogRow[] {
  return rows as LogRow[];
}
