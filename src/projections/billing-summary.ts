import { monthOf } from "#domain/kernel/time.ts";
import { amountsView, billFigures, life, microsView } from "./charges.ts";
import { type InstanceBilling, instanceBilling } from "./instance-billing.ts";
import { customerSum, publisherSum } from "./instance-sums.ts";
import { instances } from "./instances.ts";
import { money } from "./money.ts";
import type { Reader } from "./reader.ts";
import { openIn, readSums } from "./read-sums.ts";
import { type Figures, type SumDocument, Tally } from "./sums.ts";

function rowView(tally: Tally, group: string) {
  const figure = (name: string) => tally.of(group, name);
  const amounts = { base: figure("base"), usage: figure("usage"), task: figure("task"), total: figure("total") };
  return { ...amountsView(amounts), usage_time: Number(figure("billed_ms")) / 1000, task_executions: Number(figure("tasks")), ...microsView(amounts) };
}

const monthsView = (tally: Tally) => tally.groups.filter((group) => group !== life).map((month) => ({ month, ...rowView(tally, month) }));

/** Adds up bills, one by one or many at once: a customer's summary, a publisher's revenue. All of one currency. */
export class BillingTotals {
  readonly #now: string;
  readonly #all = new Tally();
  readonly #agents = new Map<string, { readonly agent_name: string; readonly tally: Tally }>();

  constructor(now: string) {
    this.#now = now;
  }

  /** Adds an instance's bill. */
  add({ meter, price, agent_id, agent_name }: InstanceBilling): void {
    this.#add(agent_id, agent_name, billFigures(meter, price, this.#now));
  }

  /** Adds bills that were added up before, of one agent. */
  addSum({ about: { agent_id = "", agent_name = "" }, figures: { open: _open, ...figures } }: SumDocument): void {
    if (figures[life] !== undefined) this.#add(agent_id, agent_name, figures);
  }

  #add(agent_id: string, agent_name: string, figures: Figures | SumDocument["figures"]): void {
    const agent = this.#agents.get(agent_id) ?? { agent_name, tally: new Tally() };
    this.#agents.set(agent_id, agent);
    agent.tally.add(figures);
    this.#all.add(figures);
  }

  /** Totals, months from the oldest on, and agents by their amount. */
  view(currency: string) {
    const count = (tally: Tally) => Number(tally.of(life, "instances"));
    const agents = [...this.#agents].toSorted(([a, { tally: one }], [b, { tally: other }]) =>
      Number(other.of(life, "total") - one.of(life, "total")) || (a < b ? -1 : 1));
    return {
      currency, as_of: this.#now, instances: count(this.#all), ...rowView(this.#all, life),
      current_month_cost: money(this.#all.of(monthOf(this.#now), "total")),
      months: monthsView(this.#all),
      agents: agents.map(([agent_id, { agent_name, tally }]) =>
        ({ agent_id, agent_name, instances: count(tally), ...rowView(tally, life), months: monthsView(tally) })),
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
    this.#of(billing.price.currency).add(billing);
  }

  /** Adds bills that were added up before, of one agent in one currency. */
  addSum(sum: SumDocument): void {
    if (sum.figures[life] !== undefined) this.#of(sum.about["currency"] ?? "").addSum(sum);
  }

  #of(currency: string): BillingTotals {
    const totals = this.#currencies.get(currency) ?? new BillingTotals(this.#now);
    this.#currencies.set(currency, totals);
    return totals;
  }

  /** What a publisher's agents earned. */
  view(publisherId: string) {
    const revenue = [...this.#currencies].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([currency, totals]) => totals.view(currency));
    return { publisher_id: publisherId, as_of: this.#now, revenue };
  }
}

/** Whose bills: what a customer owes, or what a publisher earns. */
export type Owner = { readonly customer_id: string } | { readonly publisher_id: string };

const indexed = (owner: Owner) => ("customer_id" in owner
  ? { list: customerSum(owner.customer_id), query: { index: "by_customer", equals: owner } }
  : { list: publisherSum(owner.publisher_id), query: { index: "by_publisher", equals: owner } });

/** The sums that a list names; null where there is none, as in a collection of an earlier version. */
async function listed(reader: Reader, list: string): Promise<SumDocument[] | null> {
  const [found] = await readSums(reader, instances, [list]);
  const ids = Object.keys(found?.figures["sums"] ?? {}).map((part) => `${list} ${part}`);
  const sums = await readSums(reader, instances, ids);
  return found === undefined || sums.length < ids.length ? null : sums;
}

/**
 * Adds all bills of an owner: the sums of those that are settled, and each of those that time still adds to. A sum names what it does
 * not hold, so nothing is missed or added twice, whatever is written meanwhile. Answers a currency of them, if there are any.
 */
export async function addBills(reader: Reader, owner: Owner, totals: Pick<BillingTotals, "add" | "addSum">): Promise<string | null> {
  const { list, query } = indexed(owner);
  const sums = await listed(reader, list);
  let currency: string | null = null;
  const add = (bill: InstanceBilling) => {
    totals.add(bill);
    currency = bill.price.currency;
  };
  if (sums === null) for await (const bill of reader.all(instanceBilling, query)) add(bill);
  for (const sum of sums ?? []) {
    totals.addSum(sum);
    currency = sum.about["currency"] ?? currency;
    for (const ids of openIn(sum)) for (const bill of await reader.getMany(instanceBilling, ids)) add(bill);
  }
  return currency;
}
