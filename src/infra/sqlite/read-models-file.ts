import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { SQLInputValue, StatementSync } from "node:sqlite";

/** A row as SQLite answers it. */
export type Row = Record<string, unknown>;

/** An open SQLite file with its prepared statements. */
export interface SqliteFile {
  exec(sql: string): void;
  /** How many rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  first(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** All or nothing; `work` must not wait. */
  transaction<T>(work: () => T): T;
  /** A part of a transaction that can fail by itself. A full disk ends the whole. */
  savepoint<T>(work: () => T): T;
  /** A dropped table invalidates what was prepared on it. */
  forget(): void;
  /** Writes a consistent copy into a new file. */
  backup(to: string): Promise<void>;
  health(): { ok: boolean; detail?: string };
  close(): void;
}

/** Opens a file (or ":memory:"); FULL survives a power cut, NORMAL may lose the last transactions but never breaks. */
export function openSqliteFile(path: string, synchronous: "FULL" | "NORMAL"): SqliteFile {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path, { timeout: 5000 });
  // A checkpoint waits for the disk in the caller's thread, so there are few of them.
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 8000;`);
  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    let found = prepared.get(sql);
    if (found === undefined) prepared.set(sql, (found = db.prepare(sql)));
    return found;
  };
  const within = <T>(begin: string, keep: string, undo: string, work: () => T): T => {
    db.exec(begin);
    try {
      const result = work();
      db.exec(keep);
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec(undo);
      throw error;
    }
  };
  return {
    exec: (sql) => db.exec(sql),
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    all: (sql, ...values) => statement(sql).all(...values),
    first: (sql, ...values) => statement(sql).get(...values),
    transaction: (work) => within("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", work),
    savepoint: (work) => within("SAVEPOINT part", "RELEASE part", "ROLLBACK TO part; RELEASE part", work),
    forget: () => prepared.clear(),
    async backup(to) {
      // All pages at one go: with more steps than one, a write of another connection would have it begin anew.
      await backup(db, to, { rate: 0x7fffffff });
    },
    health() {
      try {
        db.prepare("SELECT 1").get();
        return { ok: true };
      } catch (error) {
        return { ok: false, detail: error instanceof Error ? error.message : String(error) };
      }
    },
    close() {
      prepared.clear();
      if (db.isOpen) db.close();
    },
  };
}
