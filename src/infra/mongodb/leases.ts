import type { Collection, Db } from "mongodb";
import type { SystemStore } from "#reactions/ports.ts";
import { isDuplicateKey } from "./errors.ts";

/** What became of a lease, one document after the other: the one with the highest place counts. */
interface Lease {
  readonly _id: string;
  readonly place: number;
  readonly owner: string | null;
  readonly epoch: number;
  readonly expires_at: number;
}

type Next = Pick<Lease, "owner" | "epoch" | "expires_at">;

/**
 * Leases that change hands by inserts alone: that an id is taken once is what every server holds to, while some check an
 * update's filter and apply it in two steps. The newest document stays for good, because its epoch must never be given twice.
 */
export function openLeases(db: Db): Pick<SystemStore, "acquireLease" | "releaseLease"> {
  const leases = db.collection<Lease>("leases");
  return {
    async acquireLease(name, owner, ttlMs, now) {
      for (;;) {
        const known = await read(leases, name);
        const held = known[0];
        if (held !== undefined && held.owner !== null && held.owner !== owner && held.expires_at > now) return null;
        const epoch = held === undefined ? 1 : held.owner === owner ? held.epoch : held.epoch + 1;
        if (await replace(leases, name, known, { owner, epoch, expires_at: now + ttlMs })) return { epoch };
      }
    },
    async releaseLease(name, owner) {
      for (;;) {
        const known = await read(leases, name);
        const held = known[0];
        if (held?.owner !== owner) return;
        if (await replace(leases, name, known, { owner: null, epoch: held.epoch, expires_at: held.expires_at })) return;
      }
    },
  };
}

function read(leases: Collection<Lease>, name: string): Promise<Lease[]> {
  if (name.includes("#")) throw new Error(`The lease "${name}" has a "#" in its name.`);
  // ":" follows "9".
  return leases.find({ _id: { $gte: `${name}#0`, $lt: `${name}#:` } }, { hint: "_id_", sort: { _id: -1 } }).toArray();
}

/** Whether nobody came between what was read and this; who lost reads again and finds the winner. */
async function replace(leases: Collection<Lease>, name: string, known: readonly Lease[], next: Next): Promise<boolean> {
  const place = (known[0]?.place ?? 0) + 1;
  const _id = `${name}#${String(place).padStart(16, "0")}`;
  try {
    await leases.insertOne({ _id, place, ...next });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
  // The place may have been free only because others have gone on since and removed what was before them.
  const [newest] = await read(leases, name);
  const won = newest?._id === _id;
  await leases.deleteMany({ _id: { $in: won ? known.map((lease) => lease._id) : [_id] } });
  return won;
}
