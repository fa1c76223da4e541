import { createHmac, timingSafeEqual } from "node:crypto";
import type { IndexValue } from "#projections/ports.ts";
import { Problem } from "./problem-details.ts";

/** No cursor is longer. */
export const longestCursor = 2048;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value), "utf8").toString("base64url");

function decode(text: string): unknown {
  if (text.length > longestCursor || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Where a reader must be to see what was written; another store's positions mean nothing here. */
export const writeCursor = (storeId: string, position: string): string => encode([storeId, position]);

/** The position of a cursor; empty for one of another store. */
export function readCursor(text: string, storeId: string): string {
  const value = decode(text);
  const [store, position] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof store !== "string" || typeof position !== "string" || (value as unknown[]).length !== 2)
    throw new Problem("invalid-cursor", "AgentHub-Min-Cursor, or `since` of a live feed, must be a cursor that this server gave.");
  return store === storeId ? position : "";
}

/** A place in a list: the sort value and id of the last document of the page before. */
export interface Place {
  readonly value: IndexValue;
  readonly id: string;
}

/** Cursors of lists, sealed to the list and filters that they were given for. */
export class PageCursors {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  #seal(list: string, place: Place): string {
    return createHmac("sha256", this.#secret).update(JSON.stringify([list, place.value, place.id])).digest("base64url").slice(0, 16);
  }

  write(list: string, place: Place): string {
    return encode([place.value, place.id, this.#seal(list, place)]);
  }

  read(list: string, text: string): Place {
    const decoded = decode(text);
    const [value, id, seal] = Array.isArray(decoded) && decoded.length === 3 ? (decoded as unknown[]) : [];
    const refused = new Problem("invalid-cursor", "This cursor was not given by this list with these filters; start again without one.");
    if (typeof id !== "string" || typeof seal !== "string" || (value !== null && !["string", "number", "boolean"].includes(typeof value))) throw refused;
    const place = { value: value as IndexValue, id };
    const [expected, found] = [Buffer.from(this.#seal(list, place)), Buffer.from(seal)];
    if (expected.length !== found.length || !timingSafeEqual(expected, found)) throw refused;
    return place;
  }
}
