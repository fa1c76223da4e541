const scale = 6;

/** A figure by its exact text: an amount, a number or a text. */
export const textOf = (figure: unknown): string => (figure === null || figure === undefined ? "0" : `${figure as string | number}`);

/** An exact decimal text as whole millionths. */
export function micros(amount: unknown): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(textOf(amount));
  if (match === null) return 0n;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const value = BigInt(whole) * 10n ** BigInt(scale) + BigInt(fraction.slice(0, scale).padEnd(scale, "0"));
  return sign === "-" ? -value : value;
}

/** Millionths as a decimal text with at least two places. */
export function decimal(value: bigint, places = 2): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const fraction = digits.slice(-scale);
  const kept = fraction.slice(0, places) + fraction.slice(places).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${kept}`;
}

const groups = (whole: string) => whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");

/** An amount as its exact text, with at least two places and its currency. */
export function money(amount: unknown, currency = "USD"): string {
  const text = textOf(amount);
  const [whole = "0", fraction = ""] = text.split(".");
  return `${groups(whole)}.${fraction.padEnd(2, "0")} ${currency}`;
}

/** Millionths as text for people. */
export const shown = (value: bigint, places: number, currency: string): string => money(decimal(value, places), currency);

/** What has come up since, by a rate per hour: a display between two exact figures, never a bill. */
export const grown = (rate: unknown, elapsedMs: number): bigint => (micros(rate) * BigInt(Math.max(0, Math.round(elapsedMs)))) / 3_600_000n;

/** A price in words. */
export function priceText(plan: Readonly<Record<string, unknown>> | object): string {
  const { type, currency = "USD", ...prices } = plan as Record<string, unknown>;
  const of = (name: string) => prices[name] ?? "0";
  const parts = [
    [of("base_price"), prices["base_period"] === "month" ? "a month" : "once"], [of("price_per_hour"), "an hour"],
    [of("price_per_minute"), "a minute"], [of("price_per_request"), "a request"],
  ].filter(([amount]) => /[1-9]/.test(textOf(amount))).map(([amount, per]) => `${money(amount, textOf(currency))} ${textOf(per)}`);
  if (parts.length > 0) return parts.join(" + ");
  return type === undefined ? "" : "Free";
}
