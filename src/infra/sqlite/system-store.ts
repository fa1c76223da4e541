import type { SystemStore } from "#reactions/ports.ts";
import type { Copyable } from "./event-store.ts";
import type { LogEntries } from "./event-store-entries.ts";
import { openSqliteFile } from "./read-models-file.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS entries (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, expires_at INTEGER, PRIMARY KEY (kind, key)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, owner TEXT, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL);
`;

const putSql = `INSERT INTO entries (kind, key, value, expires_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`;

const json = (value: unknown): string => JSON.stringify(value ?? null);
const expiry = (value: unknown): number | null => (value === null ? null : Number(value));

type Listed = Awaited<ReturnType<SystemStore["list"]>>;

// By the bytes of their keys, as SQLite sorts them; of two with one key the first list's.
function merged(own: Listed, others: Listed): Listed {
  const known = new Set(own.map(({ key }) => key));
  return [...own, ...others.filter(({ key }) => !known.has(key))].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

/** The system store in a SQLite file of its own, or in ":memory:"; it also shows the entries that the log keeps beside its events. */
export function openSqliteSystemStore(path: string, beside?: LogEntries): SystemStore & Copyable {
  const file = openSqliteFile(path, "FULL");
  file.exec(schema);
  return {
    async put(kind, key, value, expiresAt) {
      file.run(putSql, kind, key, json(value), expiresAt ?? null);
    },
    async get(kind, key, now) {
      const row = file.first("SELECT value FROM entries WHERE kind = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)", kind, key, now);
      if (row === undefined) return await beside?.get(kind, key, now) ?? null;
      return JSON.parse(String(row["value"]));
    },
    async remove(kind, key) {
      await beside?.remove(kind, key);
      file.run("DELETE FROM entries WHERE kind = ? AND key = ?", kind, key);
    },
    async list(kind, after, limit) {
      const rows = file.all("SELECT key, value, expires_at FROM entries WHERE kind = ? AND key > ? ORDER BY key LIMIT ?", kind, after, limit);
      const own = rows.map((row) => ({ key: String(row["key"]), value: JSON.parse(String(row["value"])) as unknown, expires_at: expiry(row["expires_at"]) }));
      const others = await beside?.list(kind, after, limit) ?? [];
      return others.length === 0 ? own : merged(own, others).slice(0, limit);
    },
    async putIfAbsent(kind, key, value, expiresAt) {
      return await beside?.get(kind, key, 0) ?? file.transaction(() => {
        file.run("INSERT INTO entries (kind, key, value, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO NOTHING", kind, key, json(value), expiresAt ?? null);
        return JSON.parse(String(file.first("SELECT value FROM entries WHERE kind = ? AND key = ?", kind, key)?.["value"])) as unknown;
      });
    },
    async purge(now) {
      return file.run("DELETE FROM entries WHERE expires_at IS NOT NULL AND expires_at <= ?", now) + (await beside?.purge(now) ?? 0);
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
      file.close();
    },
  };
}
