import { z } from "zod";
import { accountId, instant } from "#domain/kernel/ids.ts";
import { longestCursor } from "./cursors.ts";

/** A short text for people, without characters that only deceive. */
export const label = (most: number) => z.string().min(1).max(most)
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text), "must not hold control or formatting characters");

/** How many of a list at once: 1 to 100, 20 when nothing is said. */
const limit = z.string().regex(/^\d{1,3}$/, "must be a number from 1 to 100").default("20").transform(Number)
  .refine((number) => number >= 1 && number <= 100, "must be a number from 1 to 100")
  .meta({ type: "integer", minimum: 1, maximum: 100, default: 20, description: "How many at most." });

/** A cursor of any length: one that is too long is refused as every other that was not given. */
export const cursorText = z.string().meta({ minLength: 1, maxLength: longestCursor });

/** Where the page before ended. */
const cursor = cursorText.optional().meta({ description: "`next_cursor` of the page before." });

/** A UTC calendar month. */
export const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "must be a month such as 2026-01");

/** Fields of every list. */
export const paging = { limit, cursor };

/** A list's query without filters. */
export const pageQuery = z.strictObject(paging);

// RFC 3339 lets t and z be small.
const written = z.string().max(64).transform((text) => text.toUpperCase())
  .pipe(z.iso.datetime({ offset: true, error: "must be an instant such as 2026-01-01T12:00:00Z" }));

/** An instant in any precision and offset, as UTC milliseconds. */
export const anyInstant = written.transform((text) => new Date(text).toISOString()).pipe(instant)
  .meta({ type: "string", format: "date-time" });

/** Operators choose whose. */
export const account = accountId.optional().meta({ description: "Operators: whose." });

/** A flag in a query. */
export const flag = z.enum(["true", "false"]).transform((text) => text === "true").meta({ type: "boolean", enum: [true, false] });
