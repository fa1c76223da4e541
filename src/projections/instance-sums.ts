import { type Meter, afterAll, isSettled } from "#domain/billing/meter.ts";
import { isEnded } from "#domain/instance/transitions.ts";
import { billFigures, life } from "./charges.ts";
import type { InstanceDocument, TaskCounts } from "./instance-document.ts";
import type { Figures, Share, Sums } from "./sums.ts";

/** Tasks of an instance, however they stand. */
export const taskCount = (tasks: TaskCounts): number => Object.values(tasks).reduce((sum, count) => sum + count, 0);

/** How long an instance has run, in milliseconds, up to when its clock was last stopped. */
export const clockMs = ({ months }: Meter): number => Object.values(months).reduce((sum, { clock_ms }) => sum + clock_ms, 0);

/** The sum of a customer's instances, and with `sums` the list of what it owes by agent. */
export const customerSum = (customer: string): string => `customer ${customer}`;
/** The list of what a publisher earns by agent and currency. */
export const publisherSum = (publisher: string): string => `publisher ${publisher}`;

/** A sum of bills of one agent, and where it is listed. */
export interface BillSum {
  readonly list: string;
  readonly part: string;
  readonly to: string;
  readonly about: Share["about"];
}

/** The sums that a bill is in, or is yet to be in: by agent, so that none grows with everything that an account ever did. */
export function billSums({ customer_id, publisher_id, agent_id }: Pick<InstanceDocument, "customer_id" | "publisher_id" | "agent_id">, currency: string): BillSum[] {
  const of = (list: string, part: string, about: Share["about"]) => ({ list, part, to: `${list} ${part}`, about });
  return [of(customerSum(customer_id), agent_id, { customer_id }), of(publisherSum(publisher_id), `${agent_id} ${currency}`, { publisher_id })];
}

// One that never ran owes nothing; its end is no concern of its meter.
const settled = ({ meter, status }: InstanceDocument): boolean => isSettled(meter) || (meter.first_started === null && isEnded(status));

// A meter is of one instance, which has one price. Most events after the end leave the meter as it is.
const bills = new WeakMap<Meter, Figures>();

function billOf({ meter, request: { price } }: InstanceDocument): Figures {
  const known = bills.get(meter) ?? billFigures(meter, price, afterAll);
  bills.set(meter, known);
  return known;
}

/** What a dashboard adds up. */
function instanceFigures({ status, tasks, meter }: InstanceDocument, bill: Figures): Figures {
  const totals = Object.fromEntries(Object.entries(bill).map(([group, { total = 0n }]) => [group, { total }]));
  return {
    ...totals,
    [life]: { ...totals[life], instances: 1n, [`status ${status}`]: 1n, clock_ms: BigInt(clockMs(meter)), admitted: BigInt(taskCount(tasks)) },
  };
}

function shares(document: InstanceDocument): Share[] {
  const { instance_id, customer_id, agent_id, request: { agent_name, price } } = document;
  const open: Figures = { open: { [instance_id]: 1n } };
  const over = settled(document);
  const bill = over ? billOf(document) : open;
  return [
    { to: customerSum(customer_id), about: { customer_id }, figures: over ? instanceFigures(document, bill) : open },
    ...billSums(document, price.currency).flatMap(({ list, part, to, about }) => [
      { to: list, about, figures: { sums: { [part]: 1n } } },
      { to, about: { ...about, agent_id, agent_name, currency: price.currency }, figures: bill },
    ]),
  ];
}

/** Sums over instances: by customer, by customer and agent, and by publisher, agent and currency. */
export const instanceSums: Sums<InstanceDocument> = {
  differ: (before, after) => settled(after)
    ? !settled(before) || before.meter !== after.meter || before.status !== after.status || before.tasks !== after.tasks
    : settled(before),
  shares,
};
