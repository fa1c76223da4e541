import { type Charge, ratePerHour } from "#domain/billing/cost.ts";
import type { Meter } from "#domain/billing/meter.ts";
import type { Price } from "#domain/billing/price.ts";
import { formatDecimal } from "#domain/kernel/fraction.ts";
import type { Micros } from "#domain/kernel/money.ts";
import { money } from "./money.ts";

/** Amounts by component. */
export interface Amounts {
  readonly base: Micros;
  readonly usage: Micros;
  readonly task: Micros;
  readonly total: Micros;
}

/** No charge. */
export const noAmounts: Amounts = { base: 0n, usage: 0n, task: 0n, total: 0n };

/** The exact sum. */
export const addAmounts = (a: Amounts, b: Amounts): Amounts =>
  ({ base: a.base + b.base, usage: a.usage + b.usage, task: a.task + b.task, total: a.total + b.total });

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

/** A charge as a bill shows it. `usage_time` is in seconds. */
export const chargeView = (charge: Charge, tasks: number) => ({
  ...amountsView(charge), usage_time: Number(charge.billed_ms) / 1000, task_executions: tasks, requests: Number(formatDecimal(charge.requests)),
});

/** The rate at which the bill grows now. */
export const rateView = (meter: Meter, price: Price) => ({ rate_per_hour: money(ratePerHour(meter, price)) });
