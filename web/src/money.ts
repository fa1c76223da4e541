const scale = 6;

/** An exact decimal text as whole millionths. */
export function micros(amount: unknown): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount ?? "0"));
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
  const text = String(amount ?? "0");
  const [whole = "0", fraction = ""] = text.split(".");
  return `${groups(whole)}.${fraction.padEnd(2, "0")} ${currency}`;
}

/** What has come up since, by a rate per hour: a display between two exact figures, never a bill. */
export const grown = (rate: unknown, elapsedMs: number): bigint => (micros(rate) * BigInt(Math.max(0, Math.round(elapsedMs)))) / 3_600_000n;

/** A price in words. */
export function priceText(plan: Readonly<Record<string, unknown>> | object): string {
  const { type, currency = "USD", ...prices } = plan as Record<string, unknown>;
  const of = (name: string) => prices[name] ?? "0";
  const parts = [
    [of("base_price"), prices["base_period"] === "month" ? "a month" : "once"], [of("price_per_hour"), "an hour"],
    [of("price_per_minute"), "a minute"], [of("price_per_request"), "a request"],
  ].filter(([amount]) => /[1-9]/.test(String(amount))).map(([amount, per]) => `${money(amount, String(currency))} ${String(per)}`);
  if (parts.length > 0) return parts.join(" + ");
  return type === undefined ? "" : "Free";
}
