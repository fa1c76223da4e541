import { type Charge, chargedMonths, lifetimeCharge, monthCharge, ratePerHour } from "#domain/billing/cost.ts";
import type { Meter } from "#domain/billing/meter.ts";
import type { Price } from "#domain/billing/price.ts";
import { formatDecimal } from "#domain/kernel/fraction.ts";
import type { Micros } from "#domain/kernel/money.ts";
import { money } from "./money.ts";
import type { Figures } from "./sums.ts";

/** Amounts by component. */
export interface Amounts {
  readonly base: Micros;
  readonly usage: Micros;
  readonly task: Micros;
  readonly total: Micros;
}

/** The group of what everything cost; the other groups are months. */
export const life = "life";

/** The total and its breakdown as JSON numbers. */
export const amountsView = (amounts: Amounts) => ({
  total_cost: money(amounts.total),
  cost_breakdown: { base_cost: money(amounts.base), usage_cost: money(amounts.usage), task_cost: money(amounts.task) },
});

/** The same amounts as whole micro-units, for audits. */
export const microsView = (amounts: Amounts) => ({
  total_cost_micros: String(amounts.total), base_cost_micros: String(amounts.base),
  usage_cost_micros: String(amounts.usage), task_cost_micros: String(amounts.task),
});

/** Tasks that succeeded, in one month or ever. */
export const tasksOf = (meter: Meter, month?: string): number =>
  month === undefined ? Object.values(meter.months).reduce((sum, { tasks }) => sum + tasks, 0) : meter.months[month]?.tasks ?? 0;

const figuresOf = ({ base, usage, task, total, billed_ms }: Charge, tasks: number) =>
  ({ instances: 1n, base, usage, task, total, billed_ms, tasks: BigInt(tasks) });

/** A bill as figures that can be added up: its whole life, and every month that it has a charge in. */
export const billFigures = (meter: Meter, price: Price, at: string): Figures => ({
  [life]: figuresOf(lifetimeCharge(meter, price, at), tasksOf(meter)),
  ...Object.fromEntries(chargedMonths(meter, price, at).map((month) =>
    [month, figuresOf(monthCharge(meter, price, month, at), tasksOf(meter, month))])),
});

/** A charge as a bill shows it. `usage_time` is in seconds. */
export const chargeView = (charge: Charge, tasks: number) => ({
  ...amountsView(charge), usage_time: Number(charge.billed_ms) / 1000, task_executions: tasks, requests: Number(formatDecimal(charge.requests)),
});

/** The rate at which the bill grows now. */
export const rateView = (meter: Meter, price: Price) => ({ rate_per_hour: money(ratePerHour(meter, price)) });
