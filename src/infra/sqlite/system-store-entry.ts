/** An entry as columns: kind, key, value, expires_at. */
export type Entry = readonly [kind: string, key: string, value: string, expiresAt: number | null];

/** Puts an entry in the place of one with its kind and key. */
export const putSql = `INSERT INTO entries (kind, key, value, expires_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`;
