import type { Db } from "mongodb";
import type { SystemStore } from "#reactions/ports.ts";
import { isDuplicateKey } from "./errors.ts";
import { openLeases } from "./leases.ts";

const byId = "_id_";

/** Values are JSON text: whatever an agent answered fits, with any key and at any depth. */
interface Entry {
  _id: string;
  key: string;
  value: string;
  expires_at: number | null;
}

const json = (value: unknown): string => JSON.stringify(value ?? null);

function idOf(kind: string, key: string): string {
  if (kind.includes("/")) throw new Error(`The kind "${kind}" of a system entry has a slash in it.`);
  return `${kind}/${key}`;
}

/** The system store in a database. */
export async function openSystemStore(db: Db): Promise<Omit<SystemStore, "health" | "close">> {
  const entries = db.collection<Entry>("entries");
  await entries.createIndex({ expires_at: 1 }, { name: "by_expiry" });
  return {
    async put(kind, key, value, expiresAt) {
      const entry = { key, value: json(value), expires_at: expiresAt ?? null };
      const save = (): Promise<unknown> => entries.updateOne({ _id: idOf(kind, key) }, { $set: entry }, { upsert: true });
      // Two that put what is absent may both insert.
      await save().catch((error: unknown) => (isDuplicateKey(error) ? save() : Promise.reject(error)));
    },
    async get(kind, key, now) {
      const found = await entries.findOne({ _id: idOf(kind, key) }, { hint: byId });
      return found === null || (found.expires_at !== null && found.expires_at <= now) ? null : JSON.parse(found.value);
    },
    async remove(kind, key) {
      await entries.deleteOne({ _id: idOf(kind, key) });
    },
    async list(kind, after, limit) {
      // "0" follows "/".
      const range = { $gt: idOf(kind, after), $lt: `${kind}0` };
      const found = await entries.find({ _id: range }, { hint: byId, sort: { _id: 1 }, limit }).toArray();
      return found.map(({ key, value, expires_at }) => ({ key, value: JSON.parse(value) as unknown, expires_at }));
    },
    async putIfAbsent(kind, key, value, expiresAt) {
      const _id = idOf(kind, key);
      const text = json(value);
      for (;;) {
        try {
          await entries.insertOne({ _id, key, value: text, expires_at: expiresAt ?? null });
          return JSON.parse(text) as unknown;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
        const found = await entries.findOne({ _id }, { hint: byId });
        if (found !== null) return JSON.parse(found.value) as unknown; // else it was removed in between
      }
    },
    async purge(now) {
      return (await entries.deleteMany({ expires_at: { $lte: now } })).deletedCount;
    },
    ...openLeases(db),
  };
}
