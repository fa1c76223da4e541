import { createHash, randomUUID } from "node:crypto";
import type { Ids } from "#commands/ports.ts";

// RFC 9562: a name-based id needs a namespace; this one is the product's own and is part of the storage format.
const namespace = Buffer.from("6f1d7a6e0c2b5b0f9a3d4d0a8e5c7b21", "hex");

function format(bytes: Buffer, version: number): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Random and name-based UUIDs (RFC 9562). */
export const systemIds: Ids = {
  next() {
    // A random UUID, which Node draws from a supply, with the time in the place of its first 48 bits.
    const time = Date.now().toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
  },
  random: () => randomUUID(),
  named: (name) => format(createHash("sha1").update(namespace).update(name).digest().subarray(0, 16), 5),
};
