import { chargedMonths, lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { afterAll } from "#domain/billing/meter.ts";
import type { AuditDifference } from "./difference.ts";
import type { AuditedInstance } from "./ledger-fold.ts";

type Groups = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Whose bills a sum holds: those that agree in every field that is given. */
export interface SumOf {
  readonly customer_id?: string | undefined;
  readonly publisher_id?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly currency?: string | undefined;
}

/** A sum of bills as a read model holds it. */
export interface BillingSum {
  readonly read_model: string;
  readonly id: string;
  readonly of: SumOf;
  /** What is checked: `life` and `month` figures, such as `life total`, and lists of names, `open` and `sums`. */
  readonly names: readonly string[];
  /** Null when it is missing. */
  readonly stored: { readonly position: string; readonly figures: Groups } | null;
}

type Counted = Map<string, bigint>;
const place = (group: string, name: string): string => `${group}.${name}`;
const isList = (name: string): boolean => name === "open" || name === "sums";
const isChecked = ({ names }: BillingSum, group: string, name: string): boolean =>
  names.includes(isList(group) ? group : `${group === "life" ? group : "month"} ${name}`);

/** Everything that a settled bill adds to some sum. */
function sharesOf({ meter, price }: AuditedInstance): readonly (readonly [group: string, name: string, figure: bigint])[] {
  if (price === null) return [];
  const clock = Object.values(meter.months).reduce((sum, { clock_ms }) => sum + clock_ms, 0);
  const tasks = (month?: string) => BigInt(Object.entries(meter.months).reduce((sum, [name, { tasks: own }]) => (month === undefined || name === month ? sum + own : sum), 0));
  const rows = [["life", lifetimeCharge(meter, price, afterAll), tasks()] as const,
    ...chargedMonths(meter, price, afterAll).map((month) => [month, monthCharge(meter, price, month, afterAll), tasks(month)] as const)];
  return [["life", "clock_ms", BigInt(clock)], ...rows.flatMap(([group, { base, usage, task, total, billed_ms }, done]) =>
    Object.entries({ instances: 1n, base, usage, task, total, billed_ms, tasks: done }).map(([name, figure]) => [group, name, figure] as const))];
}

const fieldsOf = ({ of }: BillingSum): string => Object.keys(of).toSorted().join(" ");

function keyOf(of: SumOf | AuditedInstance, fields: string): string {
  const values = "instance_id" in of
    ? { customer_id: of.account_id, publisher_id: of.publisher_id, agent_id: of.agent_id, currency: of.price?.currency } : of;
  return fields.split(" ").map((field) => values[field as keyof SumOf] ?? "").join(" ");
}

/** Adds an instance to a sum as it must stand at a position; false while the sum cannot know the bill's last event yet. */
function add(counted: Counted, sum: BillingSum, instance: AuditedInstance, until: string, shares: () => ReturnType<typeof sharesOf>): boolean {
  const one = (group: string, name: string, figure: bigint) => {
    if (isChecked(sum, group, name)) counted.set(place(group, name), (counted.get(place(group, name)) ?? 0n) + figure);
  };
  if (instance.requested === "" || instance.requested > until) return true;
  one("sums", sum.of.customer_id === undefined ? `${instance.agent_id} ${instance.price?.currency ?? ""}` : instance.agent_id, 1n);
  if (instance.settled === "" || instance.settled > until) {
    one("open", instance.instance_id, 1n);
    return true;
  }
  for (const [group, name, figure] of shares()) one(group, name, figure);
  return instance.metered <= until || sum.names.every(isList);
}

function compare(sum: BillingSum, expected: Counted): AuditDifference[] {
  const found: Counted = new Map();
  for (const [group, names] of Object.entries(sum.stored?.figures ?? {}))
    for (const [name, figure] of Object.entries(names))
      if (isChecked(sum, group, name)) found.set(place(group, name), BigInt(figure));
  return [...new Set([...expected.keys(), ...found.keys()])].filter((field) => (expected.get(field) ?? 0n) !== (found.get(field) ?? 0n))
    .map((field) => ({
      instance_id: "", read_model: sum.read_model, field: `${sum.id}: ${field}`,
      from_events: String(expected.get(field) ?? 0n), from_read_model: String(found.get(field) ?? 0n),
    }));
}

/**
 * Compares sums with bills recomputed from events. A sum holds whatever was written up to its own position, and at least what its read
 * model was known to have read. One of a bill that moved since then is left for the next audit.
 */
export function sumFaults(sums: readonly BillingSum[], instances: readonly AuditedInstance[], complete: string): AuditDifference[] {
  const kinds = Map.groupBy(sums, fieldsOf);
  const looked = [...kinds].map(([fields, of]) => ({ fields, of: Map.groupBy(of, (sum) => keyOf(sum.of, fields)) }));
  const expected = new Map(sums.map((sum) => [sum, { counted: new Map<string, bigint>(), whole: true }]));
  for (const instance of instances) {
    let shares: ReturnType<typeof sharesOf> | undefined;
    for (const { fields, of } of looked)
      for (const sum of of.get(keyOf(instance, fields)) ?? []) {
        const entry = expected.get(sum);
        const position = sum.stored?.position ?? "";
        if (entry === undefined) continue;
        if (!add(entry.counted, sum, instance, position > complete ? position : complete, () => (shares ??= sharesOf(instance)))) entry.whole = false;
      }
  }
  return [...expected].flatMap(([sum, { counted, whole }]) => (whole ? compare(sum, counted) : []));
}
