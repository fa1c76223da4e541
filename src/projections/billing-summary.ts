import { chargedMonths, lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { monthOf } from "#domain/kernel/time.ts";
import { type Amounts, addAmounts, amountsView, microsView, noAmounts, tasksOf } from "./charges.ts";
import type { InstanceBilling } from "./instance-billing.ts";
import { money } from "./money.ts";

interface Row {
  readonly amounts: Amounts;
  readonly billed_ms: bigint;
  readonly tasks: number;
}

const emptyRow: Row = { amounts: noAmounts, billed_ms: 0n, tasks: 0 };
const plus = (a: Row, b: Row): Row => ({ amounts: addAmounts(a.amounts, b.amounts), billed_ms: a.billed_ms + b.billed_ms, tasks: a.tasks + b.tasks });
const rowView = ({ amounts, billed_ms, tasks }: Row) =>
  ({ ...amountsView(amounts), usage_time: Number(billed_ms) / 1000, task_executions: tasks, ...microsView(amounts) });

function addTo<K>(rows: Map<K, Row>, key: K, row: Row): void {
  rows.set(key, plus(rows.get(key) ?? emptyRow, row));
}

/** Adds up bills one instance at a time: a customer's summary, a publisher's revenue. All of one currency. */
export class BillingTotals {
  readonly #now: string;
  #total = emptyRow;
  #count = 0;
  readonly #months = new Map<string, Row>();
  readonly #agents = new Map<string, { readonly agent_name: string; readonly row: Row; readonly months: Map<string, Row>; readonly instances: number }>();

  constructor(now: string) {
    this.#now = now;
  }

  /** Adds an instance's bill. */
  add({ meter, price, agent_id, agent_name }: InstanceBilling): void {
    const life = lifetimeCharge(meter, price, this.#now);
    const row: Row = { amounts: life, billed_ms: life.billed_ms, tasks: tasksOf(meter) };
    const agent = this.#agents.get(agent_id) ?? { agent_name, row: emptyRow, months: new Map<string, Row>(), instances: 0 };
    for (const month of chargedMonths(meter, price, this.#now)) {
      const charge = monthCharge(meter, price, month, this.#now);
      const part: Row = { amounts: charge, billed_ms: charge.billed_ms, tasks: tasksOf(meter, month) };
      addTo(this.#months, month, part);
      addTo(agent.months, month, part);
    }
    this.#total = plus(this.#total, row);
    this.#count += 1;
    this.#agents.set(agent_id, { ...agent, row: plus(agent.row, row), instances: agent.instances + 1 });
  }

  /** Totals, months from the oldest on, and agents by their amount. */
  view(currency: string) {
    const months = (rows: Map<string, Row>) => [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([month, row]) => ({ month, ...rowView(row) }));
    const agents = [...this.#agents].toSorted(([, a], [, b]) => Number(b.row.amounts.total - a.row.amounts.total));
    return {
      currency, as_of: this.#now, instances: this.#count, ...rowView(this.#total),
      current_month_cost: money(this.#months.get(monthOf(this.#now))?.amounts.total ?? 0n),
      months: months(this.#months),
      agents: agents.map(([agent_id, { agent_name, row, months: own, instances }]) =>
        ({ agent_id, agent_name, instances, ...rowView(row), months: months(own) })),
    };
  }
}

/** Bills by currency, since a publisher may be paid in several. */
export class RevenueTotals {
  readonly #now: string;
  readonly #currencies = new Map<string, BillingTotals>();

  constructor(now: string) {
    this.#now = now;
  }

  /** Adds an instance of the publisher's agents. */
  add(billing: InstanceBilling): void {
    const { currency } = billing.price;
    const totals = this.#currencies.get(currency) ?? new BillingTotals(this.#now);
    totals.add(billing);
    this.#currencies.set(currency, totals);
  }

  /** What a publisher's agents earned. */
  view(publisherId: string) {
    const revenue = [...this.#currencies].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([currency, totals]) => totals.view(currency));
    return { publisher_id: publisherId, as_of: this.#now, revenue };
  }
}
