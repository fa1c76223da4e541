/** An exact rational number; the denominator is always positive. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/** A fraction in lowest terms. Throws a RangeError for a zero denominator. */
export function fraction(n: bigint, d = 1n): Fraction {
  if (d === 0n) throw new RangeError("denominator is zero");
  const sign = d < 0n ? -1n : 1n;
  const divisor = gcd(n < 0n ? -n : n, d < 0n ? -d : d) || 1n;
  return { n: (sign * n) / divisor, d: (sign * d) / divisor };
}

/** Zero. */
export const zero: Fraction = { n: 0n, d: 1n };

/** a + b. */
export const add = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.d + b.n * a.d, a.d * b.d);

/** a * b. */
export const multiply = (a: Fraction, b: Fraction): Fraction => fraction(a.n * b.n, a.d * b.d);

/** Negative, zero or positive as a is less than, equal to or more than b. */
export const compare = (a: Fraction, b: Fraction): number => Number(a.n * b.d - b.n * a.d > 0n) - Number(a.n * b.d - b.n * a.d < 0n);

/** The nearest integer, halves away from zero. */
export function roundHalfAwayFromZero({ n, d }: Fraction): bigint {
  const magnitude = n < 0n ? -n : n;
  const rounded = (2n * magnitude + d) / (2n * d);
  return n < 0n ? -rounded : rounded;
}

/** The smallest integer that is not less. */
export function ceiling({ n, d }: Fraction): bigint {
  const quotient = n / d;
  return n > 0n && n % d !== 0n ? quotient + 1n : quotient;
}

const decimalPattern = /^-?\d{1,18}(\.\d{1,12})?$/;

/** Whether a string is a plain decimal with at most 18 digits before and 12 after the point. */
export const isDecimal = (text: string): boolean => decimalPattern.test(text);

/** A number as its shortest decimal, written without an exponent; what is too large for that keeps its own. */
export function shortestDecimal(value: number): string {
  const [, sign = "", whole = "", part = "", exponent = ""] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(String(value)) ?? [];
  return exponent === "" ? String(value) : `${sign}0.${"0".repeat(Number(exponent) - 1)}${whole}${part}`;
}

/** Reads a plain decimal string exactly. Throws a RangeError for anything else. */
export function parseDecimal(text: string): Fraction {
  if (!isDecimal(text)) throw new RangeError(`not a decimal: ${text.slice(0, 40)}`);
  const [whole = "0", part = ""] = text.split(".");
  return fraction(BigInt(whole + part), 10n ** BigInt(part.length));
}

/** Writes a fraction whose denominator divides 10^12 as the shortest decimal string. */
export function formatDecimal(value: Fraction): string {
  const scaled = roundHalfAwayFromZero(multiply(value, { n: 10n ** 12n, d: 1n }));
  const magnitude = (scaled < 0n ? -scaled : scaled).toString().padStart(13, "0");
  const part = magnitude.slice(-12).replace(/0+$/, "");
  return `${scaled < 0n ? "-" : ""}${magnitude.slice(0, -12)}${part === "" ? "" : `.${part}`}`;
}

const smallWhole = /^\d{1,15}$/;

/** The sum of two plain decimals. Small whole numbers, which nearly all counts are, need no fractions. */
export const addDecimals = (a: string, b: string): string => (smallWhole.test(a) && smallWhole.test(b)
  ? String(Number(a) + Number(b))
  : formatDecimal(add(parseDecimal(a), parseDecimal(b))));
