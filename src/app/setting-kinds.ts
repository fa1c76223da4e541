import { z } from "zod";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A span of time as milliseconds; `least` is the shortest one, as it is written. */
export function duration(least?: string) {
  const text = z.string().regex(/^\d{1,6}(ms|s|m|h)$/, "must be a duration such as 30s").transform(milliseconds);
  return least === undefined ? text : text.refine((ms) => ms >= milliseconds(least), `must be at least ${least}`);
}

const milliseconds = (text: string): number => Number.parseInt(text, 10) * (units[/[a-z]+$/.exec(text)?.[0] ?? ""] ?? 1);

const countless = 1e15;

/** A number of things. */
export function whole(least: number, most = countless) {
  const wanted = `must be a whole number ${most === countless ? `of at least ${least}` : `from ${least} to ${most}`}`;
  return z.string().trim().regex(/^\d{1,15}$/, wanted).transform(Number).refine((number) => number >= least && number <= most, wanted);
}

/** One of some words. */
export const choice = <const T extends readonly [string, string, ...string[]]>(words: T) =>
  z.enum(words, `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`);

/** Parts between commas; spaces around them and empty ones count for nothing. */
export const list = z.string().transform((text) => text.split(",").map((part) => part.trim()).filter((part) => part !== ""));

/** An engine's address, or whether there is to be one. */
export const engine = z.string().refine(
  (text) => /^(auto|off|\/\S+|(unix|npipe|tcp|https?):\/\/\S+)$/.test(text) && (!/^(tcp|http)/.test(text) || URL.canParse(text.replace(/^tcp/, "http"))),
  "must be auto, off, or an engine's address such as unix:///var/run/docker.sock",
);

const longest = 80;

/** What a setting was given, as far as anybody may read it: a key is a secret, and a store's address may hold a password. */
export function shown(name: string, value: string): string {
  if (name.endsWith("_KEY")) return "";
  const readable = /_(STORE|MODELS)$/.test(name) ? /^[a-z][a-z0-9+.-]*:\/\//i.exec(value)?.[0] ?? "" : value.replace(/\/\/.*@/s, "//");
  const cut = readable.slice(0, longest);
  return cut === "" ? "" : `, not ${JSON.stringify(cut)}${value.startsWith(cut) && cut.length < value.length ? "..." : ""}`;
}
