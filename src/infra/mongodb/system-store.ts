import type { Db } from "mongodb";
import type { SystemStore } from "#reactions/ports.ts";
import { isDuplicateKey } from "./errors.ts";

const byId = "_id_";

/** Values are JSON text: whatever an agent answered fits, with any key and at any depth. */
interface Entry {
  _id: string;
  key: string;
  value: string;
  expires_at: number | null;
}

interface Lease {
  _id: string;
  owner: string | null;
  epoch: number;
  expires_at: number;
}

const json = (value: unknown): string => JSON.stringify(value ?? null);

function idOf(kind: string, key: string): string {
  if (kind.includes("/")) throw new Error(`The kind "${kind}" of a system entry has a slash in it.`);
  return `${kind}/${key}`;
}

/** The system store in a database. */
export async function openSystemStore(db: Db): Promise<Omit<SystemStore, "health" | "close">> {
  const entries = db.collection<Entry>("entries");
  const leases = db.collection<Lease>("leases");
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
    async putIfAbsent(kind, key, value) {
      const _id = idOf(kind, key);
      for (;;) {
        try {
          await entries.insertOne({ _id, key, value: json(value), expires_at: null });
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
    async acquireLease(name, owner, ttlMs, now) {
      const expires_at = now + ttlMs;
      // Every change is guarded by all that was read: who loses a race reads again and finds the winner.
      for (;;) {
        const held = await leases.findOne({ _id: name }, { hint: byId });
        if (held === null) {
          try {
            await leases.insertOne({ _id: name, owner, epoch: 1, expires_at });
            return { epoch: 1 };
          } catch (error) {
            if (!isDuplicateKey(error)) throw error;
            continue;
          }
        }
        if (held.owner !== null && held.owner !== owner && held.expires_at > now) return null;
        // A released lease keeps its document, because its epoch must never be given twice.
        const epoch = held.owner === owner ? held.epoch : held.epoch + 1;
        const { matchedCount } = await leases.updateOne(
          { _id: name, owner: held.owner, epoch: held.epoch, expires_at: held.expires_at }, { $set: { owner, epoch, expires_at } });
        if (matchedCount === 1) return { epoch };
      }
    },
    async releaseLease(name, owner) {
      await leases.updateOne({ _id: name, owner }, { $set: { owner: null } });
    },
  };
}
