import type { Copyable } from "./event-store.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { openSqliteFile } from "./read-models-file.ts";
import { WriteThread } from "./write-thread.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS entries (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, expires_at INTEGER, PRIMARY KEY (kind, key)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, owner TEXT, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL);
`;

const putSql = `INSERT INTO entries (kind, key, value, expires_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`;

const json = (value: unknown): string => JSON.stringify(value ?? null);
const expiry = (value: unknown): number | null => (value === null ? null : Number(value));

/** The system store in a SQLite file of its own, or in ":memory:". */
export function openSqliteSystemStore(path: string): SystemStore & Copyable {
  const file = openSqliteFile(path, "FULL");
  file.exec(schema);
  const puts = path === ":memory:" ? null : new WriteThread({ path, synchronous: "FULL" }, true);
  return {
    async put(kind, key, value, expiresAt) {
      const put = [putSql, kind, key, json(value), expiresAt ?? null] as const;
      if (puts === null) file.run(...put);
      else await puts.add([[put]]);
    },
    async get(kind, key, now) {
      const row = file.first("SELECT value FROM entries WHERE kind = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)", kind, key, now);
      return row === undefined ? null : JSON.parse(String(row["value"]));
    },
    async remove(kind, key) {
      file.run("DELETE FROM entries WHERE kind = ? AND key = ?", kind, key);
    },
    async list(kind, after, limit) {
      const rows = file.all("SELECT key, value, expires_at FROM entries WHERE kind = ? AND key > ? ORDER BY key LIMIT ?", kind, after, limit);
      return rows.map((row) => ({ key: String(row["key"]), value: JSON.parse(String(row["value"])) as unknown, expires_at: expiry(row["expires_at"]) }));
    },
    async putIfAbsent(kind, key, value, expiresAt) {
      return file.transaction(() => {
        file.run("INSERT INTO entries (kind, key, value, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO NOTHING", kind, key, json(value), expiresAt ?? null);
        return JSON.parse(String(file.first("SELECT value FROM entries WHERE kind = ? AND key = ?", kind, key)?.["value"])) as unknown;
      });
    },
    async purge(now) {
      return file.run("DELETE FROM entries WHERE expires_at IS NOT NULL AND expires_at <= ?", now);
    },
    async acquireLease(name, owner, ttlMs, now) {
      // A released lease keeps its row, because its epoch must never be given twice.
      const row = file.first(
        `INSERT INTO leases (name, owner, epoch, expires_at) VALUES (?1, ?2, 1, ?3) ON CONFLICT (name) DO UPDATE
         SET epoch = epoch + (owner IS NOT ?2), owner = ?2, expires_at = ?3
         WHERE owner IS NULL OR owner = ?2 OR expires_at <= ?4 RETURNING epoch`,
        name, owner, now + ttlMs, now);
      return row === undefined ? null : { epoch: Number(row["epoch"]) };
    },
    async releaseLease(name, owner) {
      file.run("UPDATE leases SET owner = NULL WHERE name = ? AND owner = ?", name, owner);
    },
    backup: (to) => file.backup(to),
    health: async () => file.health(),
    async close() {
      await puts?.close();
      file.close();
    },
  };
}
