import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Entry } from "#commands/ports.ts";
import type { SystemStore } from "#reactions/ports.ts";

/** An entry as columns; its value is JSON, its end milliseconds since the Unix epoch. */
export type EntryRow = readonly [kind: string, key: string, value: string, expires_at: number];

/** What the entries beside the log are asked; plain data, so that it can cross to a worker thread. */
export type EntryRequest =
  | { ask: "get"; kind: string; key: string; now: number }
  | { ask: "list"; kind: string; after: string; limit: number }
  | { ask: "remove"; kind: string; key: string }
  | { ask: "purge"; now: number };

/** What they answer: what was found, and how many were removed. */
export interface EntryAnswer {
  readonly rows: readonly EntryRow[];
  readonly removed: number;
}

const columns = "kind, key, value, expires_at";
// Appends wait while entries are removed.
const purgedAtOnce = 2_000;

/** Entries of the system store that came with events, in the file of the log, so that one transaction holds both. */
export class EntryTable {
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #remove: StatementSync;
  readonly #purge: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(`
      create table if not exists entries (
        kind text not null, key text not null, value text not null, expires_at integer not null, primary key (kind, key)) without rowid;
      create index if not exists entries_expiry on entries (expires_at)`);
    this.#put = db.prepare(`insert or replace into entries (${columns}) values (?, ?, ?, ?)`);
    this.#get = db.prepare(`select ${columns} from entries where kind = ? and key = ? and expires_at > ?`, { returnArrays: true });
    this.#list = db.prepare(`select ${columns} from entries where kind = ? and key > ? order by key limit ?`, { returnArrays: true });
    this.#remove = db.prepare("delete from entries where kind = ? and key = ?");
    this.#purge = db.prepare(`delete from entries where (kind, key) in (select kind, key from entries where expires_at <= ? limit ${purgedAtOnce})`);
  }

  put(rows: readonly EntryRow[]): void {
    for (const row of rows) this.#put.run(...row);
  }

  answer(request: EntryRequest): EntryAnswer {
    switch (request.ask) {
      case "get":
        return { rows: found(this.#get.all(request.kind, request.key, request.now)), removed: 0 };
      case "list":
        return { rows: found(this.#list.all(request.kind, request.after, request.limit)), removed: 0 };
      case "remove":
        return { rows: [], removed: Number(this.#remove.run(request.kind, request.key).changes) };
      case "purge":
        return { rows: [], removed: Number(this.#purge.run(request.now).changes) };
    }
  }
}

const found = (rows: unknown): EntryRow[] => rows as EntryRow[];

/** An entry as it is written. */
export const encodeEntry = ({ kind, key, value, expires_at }: Entry): EntryRow => [kind, key, JSON.stringify(value ?? null), expires_at];

const valueOf = ([, , value]: EntryRow): unknown => JSON.parse(value);

/** What a system store has to know of entries that it did not write itself. */
export type LogEntries = Pick<SystemStore, "get" | "list" | "remove" | "purge">;

/** The entries beside a log that may be in another thread. */
export const logEntries = (ask: (request: EntryRequest) => Promise<EntryAnswer>): LogEntries => ({
  async get(kind, key, now) {
    const [row] = (await ask({ ask: "get", kind, key, now })).rows;
    return row === undefined ? null : valueOf(row);
  },
  async list(kind, after, limit) {
    const { rows } = await ask({ ask: "list", kind, after, limit });
    return rows.map((row) => ({ key: row[1], value: valueOf(row), expires_at: row[3] }));
  },
  async remove(kind, key) {
    await ask({ ask: "remove", kind, key });
  },
  async purge(now) {
    for (let all = 0; ;) {
      const { removed } = await ask({ ask: "purge", now });
      all += removed;
      if (removed < purgedAtOnce) return all;
    }
  },
});
