import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { chargedMonths, lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { emptyMeter, measure } from "#domain/billing/meter.ts";
import type { Price } from "#domain/billing/price.ts";
import * as e from "#domain/instance/events.ts";
import type { DomainEvent, Recorded } from "#domain/kernel/event.ts";
import { formatMicros } from "#domain/kernel/money.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import { taskSucceeded, usageRecorded } from "#domain/usage/usage.ts";
import { recorded } from "../support/given.ts";
import { ids, plan } from "../support/facts.ts";
import { independentBill } from "../support/independent-bill.ts";

const it_ = { instance_id: ids.instance };
const start = Date.parse("2026-10-31T12:00:00.000Z");
type Step = readonly [ms: number, event: DomainEvent];

const events = (steps: readonly Step[]): Recorded[] => {
  let at = start;
  return steps.map(([ms, event], index) => recorded(event, fromMillis(at += ms), `e${index}`));
};
const meterOf = (steps: readonly Step[]) => events(steps).reduce(measure, emptyMeter);
const started = e.instanceStarted({ ...it_, attempt: 1, address: "x" });
const pause = e.pauseRequested({ ...it_, reason: "r" });
const resumed = e.instanceResumed(it_);
const ended = e.terminationRequested({ ...it_, reason: "r" });
const taskNumber = (number: number) => taskSucceeded({ ...it_, task_id: `${ids.task.slice(0, -12)}${String(number).padStart(12, "0")}`, execution_ms: 5, result_bytes: 2 });
const task = taskSucceeded({ ...it_, task_id: ids.task, execution_ms: 5, result_bytes: 2 });
const hour = 3_600_000;
const after = (ms: number) => fromMillis(start + ms);

describe("a bill", () => {
  it("counts succeeded tasks of a per_request price", () => {
    const charge = lifetimeCharge(meterOf([[0, started], [1000, task], [1000, task]]), plan({ type: "per_request", price: "0.01" }), after(hour));
    expect(formatMicros(charge.total)).toBe("0.02");
  });
  it("costs nothing while paused", () => {
    const meter = meterOf([[0, started], [hour, pause], [5 * hour, resumed], [hour, ended]]);
    expect(formatMicros(lifetimeCharge(meter, plan({ type: "per_hour", price: "1" }), after(100 * hour)).total)).toBe("2.00");
  });
  it("rounds time up once on the cumulative sum", () => {
    const meter = meterOf([[0, started], [400, pause], [1000, resumed], [400, ended]]);
    expect(formatMicros(lifetimeCharge(meter, plan({ type: "per_minute", price: "60" }), after(hour)).total)).toBe("1.00");
  });
  it("sums a hybrid price from its three rounded parts", () => {
    const meter = meterOf([[0, started], [hour, task], [0, ended]]);
    const charge = lifetimeCharge(meter, plan({ type: "hybrid", base_price: "5", price_per_hour: "0.1", price_per_request: "0.01" }), after(2 * hour));
    expect([charge.base, charge.usage, charge.task].map(formatMicros)).toEqual(["5.00", "0.10", "0.01"]);
    expect(formatMicros(charge.total)).toBe("5.11");
  });
  it("splits a running instance at the month's end", () => {
    const meter = meterOf([[0, started]]);
    const price = plan({ type: "per_hour", price: "1" });
    const at = after(24 * hour);
    expect(formatMicros(monthCharge(meter, price, "2026-10", at).total)).toBe("12.00");
    expect(formatMicros(monthCharge(meter, price, "2026-11", at).total)).toBe("12.00");
  });
  it("puts late usage in the month of its time", () => {
    const late = usageRecorded({ ...it_, source: "s", id: "1", time: "2026-10-31T23:00:00.000Z", meter: "requests", quantity: "2.5" });
    const meter = meterOf([[0, started], [24 * hour, late]]);
    expect(formatMicros(monthCharge(meter, plan({ type: "per_request", price: "2" }), "2026-10", after(48 * hour)).total)).toBe("5.00");
  });
  it("prorates a monthly base to the second", () => {
    const meter = meterOf([[0, started], [12 * hour, ended]]);
    const charge = lifetimeCharge(meter, plan({ type: "hybrid", base_price: "31", base_period: "month" }), after(90 * 24 * hour));
    expect(formatMicros(charge.base)).toBe("0.50");
  });
  it("leaves unproven time free", () => {
    const unproven = e.timeUnproven({ ...it_, from: after(hour), to: after(3 * hour) });
    const meter = meterOf([[0, started], [3 * hour, unproven], [hour, ended]]);
    expect(formatMicros(lifetimeCharge(meter, plan({ type: "per_hour", price: "1" }), after(9 * hour)).total)).toBe("2.00");
  });
});

const prices: fc.Arbitrary<Price> = fc.record({
  type: fc.constantFrom("per_request", "per_minute", "per_hour", "hybrid"),
  micro: fc.bigInt({ min: 0n, max: 10n ** 9n }), increment_s: fc.constantFrom(1, 60, 3600), base_period: fc.constantFrom("once", "month"),
}).map(({ type, micro, increment_s, base_period }) => {
  const amount = `${micro / 10n ** 9n}.${(micro % 10n ** 9n).toString().padStart(9, "0")}`;
  return plan(type === "hybrid"
    ? { type, base_price: amount, price_per_hour: amount, price_per_request: amount, increment_s, base_period }
    : { type, price: amount, increment_s });
});

const histories = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 * hour }), fc.constantFrom(pause, resumed, task, task, e.pauseFailed({ ...it_, reason: "r" }),
  e.instanceExited({ ...it_, ran_until: after(hour), out_of_memory: false, reason: "exited" }), e.instanceRestarted({ ...it_, attempt: 2, address: "x" }))), { maxLength: 30 })
  // A task ends once, so that each has an id of its own.
  .map((steps): Step[] => [[0, started], ...steps.map(([ms, event], at): Step => [ms, event === task ? taskNumber(at) : event])]);

describe("every bill", () => {
  it("equals an independent calculator's", () => {
    fc.assert(fc.property(prices, histories, fc.integer({ min: 0, max: 1000 * hour }), (price, steps, more) => {
      const facts = events(steps);
      const at = fromMillis(Date.parse(facts.at(-1)?.metadata.recorded_at ?? "") + more);
      const charge = lifetimeCharge(facts.reduce(measure, emptyMeter), price, at);
      expect({ base: charge.base, usage: charge.usage, task: charge.task }).toEqual(independentBill(facts, price, at));
    }), { numRuns: 500 });
  });
  it("is the exact sum of its months, never negative, and grows with time", () => {
    fc.assert(fc.property(prices, histories, fc.integer({ min: 0, max: 1000 * hour }), (price, steps, more) => {
      const facts = events(steps);
      const meter = facts.reduce(measure, emptyMeter);
      const last = facts.at(-1)?.metadata.recorded_at ?? "";
      const at = fromMillis(Date.parse(last) + more);
      const months = chargedMonths(meter, price, at).map((month) => monthCharge(meter, price, month, at));
      const whole = lifetimeCharge(meter, price, at);
      expect(months.reduce((sum, { total }) => sum + total, 0n)).toBe(whole.total);
      expect(months.every(({ base, usage, task: tasks }) => base >= 0n && usage >= 0n && tasks >= 0n)).toBe(true);
      expect(whole.total >= lifetimeCharge(meter, price, last).total).toBe(true);
    }), { numRuns: 500 });
  });
});
