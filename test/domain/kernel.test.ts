import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { add, addDecimals, ceiling, compare, formatDecimal, fraction, multiply, parseDecimal, roundHalfAwayFromZero, shortestDecimal } from "#domain/kernel/fraction.ts";
import { formatMicros, toMicros } from "#domain/kernel/money.ts";
import { dayOf, monthOf, nextMonth, shiftDay } from "#domain/kernel/time.ts";

const fractions = fc.tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.bigInt({ min: 1n, max: 10n ** 12n })).map(([n, d]) => fraction(n, d));
const decimals = fc.tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n })).map(([negative, digits]) => {
  const text = digits.toString().padStart(13, "0");
  return `${negative ? "-" : ""}${text.slice(0, -12)}.${text.slice(-12)}`;
});

describe("fractions", () => {
  it("add and multiply as numbers do", () => {
    fc.assert(fc.property(fractions, fractions, fractions, (a, b, c) => {
      expect(add(add(a, b), c)).toEqual(add(a, add(b, c)));
      expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
      expect(compare(a, b)).toBe(-compare(b, a) || 0);
    }));
  });
  it("round half away from zero, within half a unit", () => {
    expect([["0.5", 1n], ["-0.5", -1n], ["1.5", 2n], ["0.499999999999", 0n], ["-2.5", -3n]].map(([text]) => roundHalfAwayFromZero(parseDecimal(text as string)))).toEqual([1n, -1n, 2n, 0n, -3n]);
    fc.assert(fc.property(fractions, (value) => {
      const gap = add(value, fraction(-roundHalfAwayFromZero(value)));
      expect(compare(gap, fraction(1n, 2n)) <= 0 && compare(gap, fraction(-1n, 2n)) >= 0).toBe(true);
    }));
  });
  it("are read from numbers as their shortest decimal, exactly", () => {
    expect([0.1, 5, 1e-7, 2.5e-10, -1.25e-9, 1e-13, 1e21].map(shortestDecimal)).toEqual(["0.1", "5", "0.0000001", "0.00000000025", "-0.00000000125", "0.0000000000001", "1e+21"]);
    fc.assert(fc.property(fc.double({ noNaN: true, min: -1, max: 1 }), (value) => { expect(Number(shortestDecimal(value))).toBe(value + 0); }));
  });
  it("round up to the next integer", () => {
    expect([ceiling(fraction(5n, 2n)), ceiling(fraction(-5n, 2n)), ceiling(fraction(4n, 2n))]).toEqual([3n, -2n, 2n]);
  });
  it("read what they write", () => {
    fc.assert(fc.property(decimals, (text) => expect(formatDecimal(parseDecimal(formatDecimal(parseDecimal(text))))).toBe(formatDecimal(parseDecimal(text)))));
  });
  it("read nothing that is no decimal", () => {
    for (const text of ["", ".5", "1.", "1e3", "0x1", " 1", "1,0", "NaN", "0.1234567890123", "+1"]) expect(() => parseDecimal(text)).toThrow(RangeError);
  });
});

describe("sums of decimals", () => {
  it("are those of the fractions, for small whole numbers too", () => {
    const counts = fc.oneof(decimals, fc.nat().map(String), fc.constantFrom("0", "007", "999999999999999"));
    fc.assert(fc.property(counts, counts, (a, b) => expect(addDecimals(a, b)).toBe(formatDecimal(add(parseDecimal(a), parseDecimal(b))))));
  });
});

describe("money", () => {
  it("shows two to six decimals", () => {
    expect([24_500_000n, 125n, 0n, -1n, 1_000_001n, 10n].map(formatMicros)).toEqual(["24.50", "0.000125", "0.00", "-0.000001", "1.000001", "0.00001"]);
  });
  it("reads back as the same amount", () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (micros) => expect(toMicros(parseDecimal(formatMicros(micros)))).toBe(micros)));
  });
});

describe("time", () => {
  it("finds the day and month of any instant as the calendar does, whether or not its letters say them", () => {
    const instants = fc.date({ min: new Date("1970-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }).map((date) => date.toISOString());
    const odd = fc.constantFrom("2026-02-29T00:00:00.000Z", "2024-02-29T00:00:00.000Z", "2026-04-30T24:00:00.000Z", "2026-01-01T00:30:00.000+01:00", "2026-12-31T23:59:59.999Z");
    fc.assert(fc.property(fc.oneof(instants, odd), (instant) => {
      const date = new Date(Date.parse(instant)).toISOString();
      expect([dayOf(instant), monthOf(instant)]).toEqual([date.slice(0, 10).replaceAll("-", ""), date.slice(0, 7)]);
    }));
    expect(() => dayOf("2026-13-01T00:00:00.000Z")).toThrow(RangeError);
  });
  it("knows its day and month in UTC", () => {
    expect([dayOf("2026-12-31T23:59:59.999Z"), monthOf("2027-01-01T00:00:00.000Z"), nextMonth("2026-12"), shiftDay("20280228", 1)]).toEqual(["20261231", "2027-01", "2027-01", "20280229"]);
  });
});
