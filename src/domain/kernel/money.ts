import { type Fraction, multiply, roundHalfAwayFromZero } from "./fraction.ts";

/** An amount in micro-units: 10^-6 of the currency's major unit. */
export type Micros = bigint;

const million: Fraction = { n: 1_000_000n, d: 1n };

/** An exact amount of major units, rounded once to micro-units, half away from zero. */
export const toMicros = (amount: Fraction): Micros => roundHalfAwayFromZero(multiply(amount, million));

/** Micro-units as a decimal of major units with two to six decimals: `24.50`, `0.000125`. */
export function formatMicros(micros: Micros): string {
  const magnitude = (micros < 0n ? -micros : micros).toString().padStart(7, "0");
  const decimals = magnitude.slice(-6).replace(/0{1,4}$/, "");
  return `${micros < 0n ? "-" : ""}${magnitude.slice(0, -6)}.${decimals}`;
}

/** ISO 4217 codes that a price may be in. */
export const currencies = [
  "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "KRW", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK",
  "HUF", "RON", "BGN", "TRY", "ILS", "AED", "SAR", "ZAR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "SGD", "HKD",
  "TWD", "THB", "IDR", "MYR", "PHP", "VND", "UAH", "KZT", "NGN", "KES", "EGP", "MAD", "ISK",
] as const;
