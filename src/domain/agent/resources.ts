import { z } from "zod";
import { compare, formatDecimal, fraction, isDecimal, parseDecimal } from "../kernel/fraction.ts";

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const least = 6 * 2 ** 20;
const most = 1024 * 2 ** 30;

/** Reads `512M` (MiB), `2G`, `512MiB`; undefined for anything else or outside 6 MiB to 1 TiB. */
export function parseMemory(text: string): number | undefined {
  const match = /^(\d{1,9})([KMG])(?:i?B)?$/.exec(text);
  if (match === null) return undefined;
  const bytes = Number(match[1]) * (units[match[2] ?? ""] ?? 0);
  return bytes >= least && bytes <= most ? bytes : undefined;
}

/** Bytes as a limit is written: in the largest unit that holds them whole. */
export function formatMemory(bytes: number): string {
  const unit = Object.entries(units).toReversed().find(([, size]) => bytes % size === 0);
  return unit === undefined ? `${bytes} bytes` : `${bytes / unit[1]}${unit[0]}`;
}

/** A memory limit in bytes, written with a binary unit. */
export const memory = z.string()
  .refine((text) => parseMemory(text) !== undefined, "must be a size with a unit between 6M and 1024G, such as \"512M\" (MiB)")
  .transform((text) => parseMemory(text) ?? 0);

/** A CPU limit in cores, as a decimal string: `"0.5"`, at least 0.01, at most 64. */
export const cpu = z.union([z.string(), z.number()]).transform(String)
  .refine((text) => isDecimal(text) && compare(parseDecimal(text), fraction(1n, 100n)) >= 0 && compare(parseDecimal(text), fraction(64n)) <= 0,
    "must be a number of cores between 0.01 and 64, such as \"0.5\"")
  .transform((text) => formatDecimal(parseDecimal(text)));

/** What an instance may use at most. */
export const resources = z.object({ memory_bytes: z.number().int(), cpu: z.string() });
/** Memory in bytes and CPU in cores. */
export type Resources = z.infer<typeof resources>;

/** What an agent gets that asks for nothing. */
export const defaultResources: Resources = { memory_bytes: 512 * 2 ** 20, cpu: "0.5" };
