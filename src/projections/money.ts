import { parseDecimal } from "#domain/kernel/fraction.ts";
import { type Micros, formatMicros } from "#domain/kernel/money.ts";

interface RawJson {
  rawJSON?: (text: string) => unknown;
}

// A double cannot hold every decimal; raw JSON writes the digits as they are.
function raw(text: string): unknown {
  const { rawJSON } = JSON as RawJson;
  return rawJSON === undefined ? Number(text) : rawJSON(text);
}

/** An amount as a JSON number with two to six decimals, written exactly: `24.50`. */
export const money = (micros: Micros): unknown => raw(formatMicros(micros));

/** A decimal string as a JSON number, written exactly; throws a RangeError for anything else. */
export function decimal(text: string): unknown {
  parseDecimal(text);
  return raw(text);
}

/** A price as a JSON number with at least two decimals, written exactly: `5.00`, `0.000125`. */
export function price(text: string): unknown {
  parseDecimal(text);
  const [whole = "0", part = ""] = text.split(".");
  return raw(`${whole}.${part.padEnd(2, "0")}`);
}

/** A decimal string as text that sorts by value: 18 digits, a point, 12 digits. Only for what is not negative. */
export function sortableDecimal(text: string): string {
  const [whole = "0", part = ""] = text.split(".");
  return `${whole.padStart(18, "0")}.${part.padEnd(12, "0")}`;
}
