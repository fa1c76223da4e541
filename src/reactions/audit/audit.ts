import { type Charge, lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import type { Meter } from "#domain/billing/meter.ts";
import type { Price } from "#domain/billing/price.ts";
import { formatDecimal } from "#domain/kernel/fraction.ts";
import { formatMicros } from "#domain/kernel/money.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import type { Clock, EventStore } from "#commands/ports.ts";
import { type AuditedInstance, LedgerFold } from "./ledger-fold.ts";
import { type AuditScope, readScope } from "./scope.ts";

/** A bill's document as a read model holds it. */
export interface BillingDocument {
  readonly instance_id: string;
  /** The last position folded into it. */
  readonly position: string;
  readonly meter: Meter;
  readonly price: Price | null;
}

/** A figure that replay and read model do not agree on. */
export interface AuditDifference {
  readonly instance_id: string;
  readonly field: string;
  readonly from_events: string;
  readonly from_read_model: string;
}

/** One instance's bill, recomputed from its events. Amounts are decimals of the major unit, with exact micro-units beside. */
export interface AuditedBill {
  readonly instance_id: string;
  readonly account_id: string;
  readonly agent_id: string;
  readonly currency: string;
  readonly base_cost: string;
  readonly usage_cost: string;
  readonly task_cost: string;
  readonly total_cost: string;
  readonly total_cost_micros: string;
  readonly billed_seconds: string;
  readonly requests: string;
  /** The position of the last event that it rests on. */
  readonly position: string;
}

/** What an audit found. */
export interface AuditReport {
  readonly as_of: string;
  readonly scope: AuditScope;
  readonly agrees: boolean;
  readonly events_read: number;
  readonly instances: readonly AuditedBill[];
  /** Micro-units by currency. */
  readonly totals_micros: Readonly<Record<string, string>>;
  readonly differences: readonly AuditDifference[];
}

/** What an audit reads besides the event store: the bills' documents, to compare with. */
export interface AuditParts {
  readonly store: EventStore;
  readonly clock: Clock;
  /** The documents of an account's bills, of one instance, or all. */
  documents(scope: AuditScope): Promise<BillingDocument[]>;
  /** The position up to which documents are complete. */
  projectedTo(): Promise<string>;
}

const price = (instance: AuditedInstance, meter: Meter, scope: AuditScope, at: string): Charge | null => {
  if (instance.price === null) return null;
  return scope.period === undefined ? lifetimeCharge(meter, instance.price, at) : monthCharge(meter, instance.price, scope.period, at);
};

const figures = (charge: Charge) => ({
  base_cost: formatMicros(charge.base), usage_cost: formatMicros(charge.usage), task_cost: formatMicros(charge.task),
  total_cost: formatMicros(charge.total), total_cost_micros: charge.total.toString(),
  billed_seconds: formatDecimal({ n: charge.billed_ms, d: 1000n }), requests: formatDecimal(charge.requests),
});

function compare(instance: AuditedInstance, document: BillingDocument, scope: AuditScope, at: string): AuditDifference[] {
  const expected = price(instance, instance.documented, scope, at);
  const found = price({ ...instance, price: document.price }, document.meter, scope, at);
  if (expected === null || found === null) return [];
  const [left, right] = [figures(expected), figures(found)];
  return (Object.keys(left) as (keyof typeof left)[]).filter((field) => left[field] !== right[field])
    .map((field) => ({ instance_id: instance.instance_id, field, from_events: left[field], from_read_model: right[field] }));
}

function rosterFaults(fold: LedgerFold, instance: AuditedInstance): AuditDifference[] {
  const fault = (field: string, from_events: string, found: string) => ({ instance_id: instance.instance_id, field, from_events, from_read_model: found });
  const missing = [...instance.usageDays].filter((day) => !instance.days.has(day));
  return [
    ...(instance.price !== null && fold.enrolled.get(instance.instance_id) !== instance.account_id ? [fault("ledger", "requested", "not on the account's roster")] : []),
    ...(instance.price === null ? [fault("request", "usage or status", "never requested")] : []),
    ...missing.map((day) => fault("usage_days", day, "not on the instance's roster")),
    ...instance.doubled.map((identity) => fault("doubled_charge", identity, "counted once here")),
  ];
}

/** Recomputes bills from the event store alone and compares them, figure by figure, with the read models. */
export async function audit(parts: AuditParts, scope: AuditScope): Promise<AuditReport> {
  const at = scope.as_of ?? fromMillis(parts.clock.now());
  const complete = await parts.projectedTo();
  const documents = scope.as_of === undefined ? new Map((await parts.documents(scope)).map((document) => [document.instance_id, document])) : null;
  const fold = new LedgerFold(new Map([...documents ?? []].map(([id, { position }]) => [id, position])));
  for await (const event of readScope(parts.store, scope)) if (event.metadata.recorded_at <= at) fold.add(event);
  const instances = [...fold.instances.values()].toSorted((a, b) => (a.instance_id < b.instance_id ? -1 : 1));
  const differences = instances.flatMap((instance) => {
    const document = documents?.get(instance.instance_id);
    const absent = documents !== null && document === undefined && instance.position <= complete && instance.price !== null;
    return [
      ...rosterFaults(fold, instance),
      ...(absent ? [{ instance_id: instance.instance_id, field: "document", from_events: "billed", from_read_model: "missing" }] : []),
      ...(document === undefined ? [] : compare(instance, document, scope, at)),
    ];
  });
  const unreadable = fold.unreadable.map((where) => ({ instance_id: "", field: "event", from_events: where, from_read_model: "cannot be read" }));
  const bills = instances.flatMap((instance) => billOf(instance, scope, at));
  const all = [...differences, ...unreadable];
  return { as_of: at, scope, agrees: all.length === 0, events_read: fold.events, instances: bills, totals_micros: totals(bills), differences: all };
}

function billOf(instance: AuditedInstance, scope: AuditScope, at: string): AuditedBill[] {
  const charge = price(instance, instance.meter, scope, at);
  if (charge === null || instance.price === null) return [];
  const { instance_id, account_id, agent_id, position } = instance;
  return [{ instance_id, account_id, agent_id, currency: instance.price.currency, ...figures(charge), position }];
}

function totals(bills: readonly AuditedBill[]): Record<string, string> {
  const sums = new Map<string, bigint>();
  for (const bill of bills) sums.set(bill.currency, (sums.get(bill.currency) ?? 0n) + BigInt(bill.total_cost_micros));
  return Object.fromEntries([...sums].map(([currency, sum]) => [currency, sum.toString()]));
}
