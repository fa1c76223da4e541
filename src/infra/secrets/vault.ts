import { randomBytes } from "node:crypto";
import { z } from "zod";
import { secretKind, type SystemStore, type Vault } from "#reactions/ports.ts";
import { open, seal, SealBroken } from "./seal.ts";

const record = z.strictObject({ v: z.literal(1), key: z.string(), data: z.string() });

// The two parts of a record must not be mistaken for each other, nor for those of another record.
const keyContext = (ref: string): string => `agenthub/1/key/${ref}`;
const dataContext = (ref: string): string => `agenthub/1/data/${ref}`;

/**
 * Secrets in the system store, each under a data key of its own that the master key wraps.
 * A record that was changed, exchanged or written under another master key never opens: it throws SealBroken.
 */
export function createVault(system: SystemStore, masterKey: Buffer): Vault {
  if (masterKey.length !== 32) throw new RangeError("the master key must be 32 bytes");
  return {
    async put(ref, secret) {
      const plain = JSON.stringify(secret);
      if (plain === undefined) throw new TypeError("a secret must be a JSON value");
      const dataKey = randomBytes(32);
      await system.put(secretKind, ref, {
        v: 1, key: seal(masterKey, keyContext(ref), dataKey), data: seal(dataKey, dataContext(ref), Buffer.from(plain)),
      });
    },
    async get(ref) {
      const stored = await system.get(secretKind, ref, 0);
      if (stored === null || stored === undefined) return null;
      const parsed = record.safeParse(stored);
      if (!parsed.success) throw new SealBroken("the secret is damaged");
      const dataKey = open(masterKey, keyContext(ref), parsed.data.key);
      return JSON.parse(open(dataKey, dataContext(ref), parsed.data.data).toString()) as unknown;
    },
    remove: (ref) => system.remove(secretKind, ref),
  };
}
