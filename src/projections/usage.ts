import { add, formatDecimal, parseDecimal } from "#domain/kernel/fraction.ts";
import { type Instant, dayOf, monthOf } from "#domain/kernel/time.ts";
import { decimal } from "./money.ts";
import { type Fact, projection } from "./projection.ts";

/** What one UTC day holds. */
export interface UsageDay {
  readonly day: string;
  /** Tasks that succeeded. */
  readonly tasks: number;
  /** Reports that were accepted. */
  readonly records: number;
  /** A list, not an object: a publisher chooses the names. */
  readonly meters: readonly { readonly meter: string; readonly quantity: string }[];
}

/** One instance's usage in one UTC month. */
export interface UsageMonth {
  readonly instance_id: string;
  readonly account_id: string;
  readonly month: string;
  /** In order. */
  readonly days: readonly UsageDay[];
}

// A task counts when it ended; a report, when it says it happened.
const timeOf = (event: Fact<"TaskSucceeded" | "UsageRecorded">): Instant =>
  event.type === "UsageRecorded" ? event.data.time : event.metadata.recorded_at;

function addMeter(meters: UsageDay["meters"], meter: string, quantity: string): UsageDay["meters"] {
  const before = meters.find((entry) => entry.meter === meter)?.quantity ?? "0";
  const sum = { meter, quantity: formatDecimal(add(parseDecimal(before), parseDecimal(quantity))) };
  return [...meters.filter((entry) => entry.meter !== meter), sum].toSorted((a, b) => (a.meter < b.meter ? -1 : 1));
}

function count(month: UsageMonth, event: Fact<"TaskSucceeded" | "UsageRecorded">): UsageMonth {
  const day = dayOf(timeOf(event));
  const before = month.days.find((entry) => entry.day === day) ?? { day, tasks: 0, records: 0, meters: [] };
  const after: UsageDay = event.type === "UsageRecorded"
    ? { ...before, records: before.records + 1, meters: addMeter(before.meters, event.data.meter, event.data.quantity) }
    : { ...before, tasks: before.tasks + 1, meters: addMeter(before.meters, "requests", "1") };
  return { ...month, days: [...month.days.filter((entry) => entry.day !== day), after].toSorted((a, b) => (a.day < b.day ? -1 : 1)) };
}

const empty = (event: Fact<"TaskSucceeded" | "UsageRecorded">): UsageMonth =>
  ({ instance_id: event.data.instance_id, account_id: event.metadata.account, month: monthOf(timeOf(event)), days: [] });

/** The id of an instance's month. */
export const usageMonthId = (instanceId: string, month: string): string => `${instanceId}:${month}`;

/** Usage by instance and month. */
export const usageMonths = projection<UsageMonth>({
  name: "usage",
  version: 1,
  indexes: [{ name: "by_instance", equals: ["instance_id"], sort: "month" }, { name: "by_account", equals: ["account_id"], sort: "month" }],
  key: (event) => (event.type === "TaskSucceeded" || event.type === "UsageRecorded" ? usageMonthId(event.data.instance_id, monthOf(timeOf(event))) : null),
  start: { TaskSucceeded: empty, UsageRecorded: empty },
  on: { TaskSucceeded: count, UsageRecorded: count },
});

const metersView = (meters: UsageDay["meters"]) => meters.map(({ meter, quantity }) => ({ meter, quantity: decimal(quantity) }));

/** A month's usage as the API shows it, with the sum over its days. */
export function usageView({ instance_id, month, days }: UsageMonth) {
  const total = days.flatMap(({ meters }) => meters).reduce<UsageDay["meters"]>((sum, { meter, quantity }) => addMeter(sum, meter, quantity), []);
  return {
    instance_id, month, tasks: days.reduce((sum, { tasks }) => sum + tasks, 0), meters: metersView(total),
    days: days.map(({ day, tasks, records, meters }) =>
      ({ day: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`, tasks, records, meters: metersView(meters) })),
  };
}
