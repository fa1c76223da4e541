import { createHash, type Hash } from "node:crypto";
import { z } from "zod";

/** The first line of an export: JSON Lines, one object a line, the last of them a count and a hash of all before it. */
const header = z.object({ format: z.literal("agenthub-export"), version: z.literal(1), created_at: z.string(), store_id: z.string() });

/** An event as it was recorded, without revision and position: those are the store's. */
const eventLine = z.object({
  event: z.object({ id: z.uuid(), type: z.string(), stream: z.string(), data: z.unknown(), metadata: z.record(z.string(), z.unknown()) }),
});

/** An entry of the system store, sealed with the installation's secret key. */
const systemLine = z.object({ system: z.string() });

/** The last line. */
const footer = z.object({ events: z.number(), system: z.number(), sha256: z.string() });

/** Any line of an export. */
export const line = z.union([eventLine, systemLine, footer, header]);

/** An export that cannot be used; the message says why. */
export class ExportBroken extends Error {
  override readonly name = "ExportBroken";
}

/** Hashes lines as they are written or read. */
export class LineHash {
  readonly #hash: Hash = createHash("sha256");

  add(text: string): void {
    this.#hash.update(text).update("\n");
  }

  /** The hash so far; more lines may follow. */
  value(): string {
    return this.#hash.copy().digest("hex");
  }
}
