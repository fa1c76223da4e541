import { type Fraction, add, ceiling, fraction, multiply, parseDecimal, zero } from "../kernel/fraction.ts";
import { type Micros, toMicros } from "../kernel/money.ts";
import { type Instant, earlier, later, monthOf, monthStart, nextMonth, toMillis } from "../kernel/time.ts";
import { type Meter, addTime } from "./meter.ts";
import type { Price } from "./price.ts";

/** A charge by component, in micro-units; the total is their exact sum. */
export interface Charge {
  readonly base: Micros;
  readonly usage: Micros;
  readonly task: Micros;
  readonly total: Micros;
  /** Billed time after rounding up to the increment, milliseconds. */
  readonly billed_ms: bigint;
  /** Billed requests: tasks that succeeded and requests that were reported. */
  readonly requests: Fraction;
}

const parts = (base: Micros, usage: Micros, task: Micros, billed_ms: bigint, requests: Fraction): Charge =>
  ({ base, usage, task, total: base + usage + task, billed_ms, requests });

/** The meter as it stands at an instant: a running clock is counted up to it. */
function standing(meter: Meter, at: Instant): Meter {
  return meter.open_since === null ? meter : addTime(meter, meter.open_since, at);
}

function baseUpTo(meter: Meter, plan: Price, end: Instant): Fraction {
  const { first_started } = meter;
  if (first_started === null || toMillis(first_started) >= toMillis(end)) return zero;
  const base = parseDecimal(plan.base_price);
  if (plan.base_period === "once") return base;
  const until = meter.ended_at === null ? end : earlier(meter.ended_at, end);
  let months = zero;
  for (let month = monthOf(first_started); toMillis(monthStart(month)) < toMillis(until); month = nextMonth(month)) {
    const [from, to] = [monthStart(month), monthStart(nextMonth(month))];
    const overlap = toMillis(earlier(until, to)) - toMillis(later(first_started, from));
    months = add(months, fraction(BigInt(overlap), BigInt(toMillis(to) - toMillis(from))));
  }
  return multiply(base, months);
}

function cumulative(meter: Meter, plan: Price, before: string, at: Instant): Charge {
  const months = Object.entries(meter.months).filter(([month]) => month < before).map(([, month]) => month);
  const ms = months.reduce((sum, month) => sum + month.clock_ms, 0);
  const requests = months.reduce((sum, month) => add(sum, parseDecimal(month.requests)), zero);
  const step = BigInt(plan.increment_s) * 1000n;
  const billed = ceiling(fraction(BigInt(ms), step)) * step;
  const rate = add(
    multiply(parseDecimal(plan.price_per_hour), fraction(1n, 3_600_000n)),
    multiply(parseDecimal(plan.price_per_minute), fraction(1n, 60_000n)),
  );
  const base = toMicros(baseUpTo(meter, plan, earlier(at, monthStart(before))));
  return parts(base, toMicros(multiply(rate, fraction(billed))), toMicros(multiply(parseDecimal(plan.price_per_request), requests)), billed, requests);
}

/** Everything that an instance has cost up to an instant. */
export function lifetimeCharge(meter: Meter, plan: Price, at: Instant): Charge {
  const now = standing(meter, at);
  const last = Object.keys(now.months).reduce((a, b) => (a > b ? a : b), monthOf(at));
  return cumulative(now, plan, nextMonth(last), at);
}

/**
 * What one UTC month cost: the rounded cumulative amount at its end less that at its start,
 * so that months sum exactly to the lifetime and late usage needs no special case.
 */
export function monthCharge(meter: Meter, plan: Price, month: string, at: Instant): Charge {
  const now = standing(meter, at);
  const end = cumulative(now, plan, nextMonth(month), at);
  const start = cumulative(now, plan, month, at);
  return parts(end.base - start.base, end.usage - start.usage, end.task - start.task,
    end.billed_ms - start.billed_ms, add(end.requests, { n: -start.requests.n, d: start.requests.d }));
}

/** The months that an instance has a charge in, oldest first. */
export function chargedMonths(meter: Meter, plan: Price, at: Instant): string[] {
  const months = new Set(Object.keys(standing(meter, at).months));
  if (meter.first_started !== null) {
    const end = meter.ended_at ?? at;
    months.add(monthOf(meter.first_started));
    if (plan.base_period === "month")
      for (let month = monthOf(meter.first_started); month <= monthOf(end); month = nextMonth(month)) months.add(month);
  }
  return [...months].toSorted();
}

/** What an hour of running adds, in micro-units; 0 while the clock stands. */
export function ratePerHour(meter: Meter, plan: Price): Micros {
  if (meter.open_since === null) return 0n;
  return toMicros(add(parseDecimal(plan.price_per_hour), multiply(parseDecimal(plan.price_per_minute), fraction(60n))));
}
