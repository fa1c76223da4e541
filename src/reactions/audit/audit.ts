import { type Charge, lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { emptyMeter, type Meter } from "#domain/billing/meter.ts";
import type { Price } from "#domain/billing/price.ts";
import { formatDecimal } from "#domain/kernel/fraction.ts";
import { formatMicros } from "#domain/kernel/money.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import type { Clock, EventStore } from "#commands/ports.ts";
import type { AuditDifference } from "./difference.ts";
import { type AuditedInstance, LedgerFold } from "./ledger-fold.ts";
import { type AuditScope, readScope } from "./scope.ts";
import { type BillingSum, sumFaults } from "./sums.ts";

/** A bill's document as a read model holds it. */
export interface BillingDocument {
  readonly read_model: string;
  readonly instance_id: string;
  readonly customer_id: string;
  /** The last position folded into it. */
  readonly position: string;
  readonly meter: Meter;
  readonly price: Price | null;
}

export type { AuditDifference };

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

/** What an audit reads besides the event store: the documents that bills are shown from, to compare with. */
export interface AuditParts {
  readonly store: EventStore;
  readonly clock: Clock;
  /** The documents of an account, of one instance, or all; what lies outside the scope is left aside. */
  documents(scope: AuditScope): Promise<BillingDocument[]>;
  /** The sums that hold bills of the scope alone, read after the documents. */
  sums(scope: AuditScope): Promise<BillingSum[]>;
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
  const { instance_id } = instance;
  const { read_model } = document;
  const expected = price(instance, instance.documented.get(read_model) ?? emptyMeter, scope, at);
  const found = price({ ...instance, price: document.price }, document.meter, scope, at);
  if (expected === null || found === null) return [];
  const [left, right] = [
    { ...figures(expected), customer_id: instance.account_id, price: planOf(instance.price) },
    { ...figures(found), customer_id: document.customer_id, price: planOf(document.price) },
  ];
  return (Object.keys(left) as (keyof typeof left)[]).filter((field) => left[field] !== right[field])
    .map((field) => ({ instance_id, read_model, field, from_events: left[field], from_read_model: right[field] }));
}

const planOf = (plan: Price | null): string => JSON.stringify(Object.entries(plan ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function rosterFaults(fold: LedgerFold, instance: AuditedInstance): AuditDifference[] {
  const fault = (field: string, from_events: string, found: string) => ({ instance_id: instance.instance_id, read_model: "", field, from_events, from_read_model: found });
  const missing = [...instance.usageDays].filter((day) => !instance.days.has(day));
  return [
    ...(instance.price !== null && fold.enrolled.get(instance.instance_id) !== instance.account_id ? [fault("ledger", "requested", "not on the account's roster")] : []),
    ...(instance.price === null ? [fault("request", "usage or status", "never requested")] : []),
    ...missing.map((day) => fault("usage_days", day, "not on the instance's roster")),
    ...instance.doubled.map((identity) => fault("doubled_charge", identity, "counted once here")),
  ];
}

const within = ({ account, instance }: AuditScope) => (document: BillingDocument): boolean =>
  instance === undefined ? account === undefined || document.customer_id === account : document.instance_id === instance;

/** What read models hold of what the events know, and the other way round. */
function documentFaults(fold: LedgerFold, documents: readonly BillingDocument[], complete: string, scope: AuditScope, at: string): AuditDifference[] {
  const byInstance = Map.groupBy(documents, ({ instance_id }) => instance_id);
  const models = new Set(["instance-billing", ...documents.map(({ read_model }) => read_model)]);
  const fault = (instance_id: string, read_model: string, from_events: string, from_read_model: string) =>
    ({ instance_id, read_model, field: "document", from_events, from_read_model });
  return [
    ...[...fold.instances.values()].flatMap((instance) => {
      const own = byInstance.get(instance.instance_id) ?? [];
      const absent = instance.price === null || instance.position > complete ? []
        : [...models].filter((model) => !own.some(({ read_model }) => read_model === model));
      return [...absent.map((model) => fault(instance.instance_id, model, "billed", "missing")), ...own.flatMap((document) => compare(instance, document, scope, at))];
    }),
    ...documents.filter(({ instance_id }) => !fold.instances.has(instance_id)).map(({ instance_id, read_model }) => fault(instance_id, read_model, "missing", "billed")),
  ];
}

/** Recomputes bills from the event store alone and compares them, figure by figure, with the read models. */
export async function audit(parts: AuditParts, scope: AuditScope): Promise<AuditReport> {
  const complete = await parts.projectedTo();
  const documents = scope.as_of === undefined ? (await parts.documents(scope)).filter(within(scope)) : [];
  const sums = scope.as_of === undefined ? await parts.sums(scope) : [];
  // Only now: what a document holds was recorded before, so both sides are priced at an instant that neither is ahead of.
  const at = scope.as_of ?? fromMillis(parts.clock.now());
  const fold = new LedgerFold(Map.groupBy(documents, ({ instance_id }) => instance_id));
  for await (const event of readScope(parts.store, scope)) if (scope.as_of === undefined || event.metadata.recorded_at <= at) fold.add(event);
  const instances = [...fold.instances.values()].toSorted((a, b) => (a.instance_id < b.instance_id ? -1 : 1));
  const broken = fold.broken.map((where) => ({ instance_id: "", read_model: "", field: "event", from_events: where, from_read_model: "not what was written" }));
  const all = [
    ...instances.flatMap((instance) => rosterFaults(fold, instance)),
    ...(scope.as_of === undefined ? documentFaults(fold, documents, complete, scope, at) : []),
    ...sumFaults(sums, instances, complete), ...broken,
  ];
  const bills = instances.flatMap((instance) => billOf(instance, scope, at));
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
