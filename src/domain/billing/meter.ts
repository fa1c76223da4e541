import { addDecimals } from "../kernel/fraction.ts";
import { type Instant, earlier, later, monthOf, monthStart, nextMonth, toMillis } from "../kernel/time.ts";
import type { DomainEvent, Recorded } from "../kernel/event.ts";
import type { InstanceEvent } from "../instance/events.ts";
import type { UsageEvent } from "../usage/usage.ts";

/** What one UTC month holds of an instance. */
export interface MonthMeter {
  /** Closed running time, milliseconds. */
  readonly clock_ms: number;
  /** Tasks that succeeded and requests that were reported, a decimal. */
  readonly requests: string;
  /** Tasks that succeeded. */
  readonly tasks: number;
}

/** Everything that an instance's bill depends on besides its price; no figure in it changes with time alone. */
export interface Meter {
  readonly months: Readonly<Record<string, MonthMeter>>;
  /** Since when the clock runs; null while it stands. */
  readonly open_since: Instant | null;
  readonly first_started: Instant | null;
  /** When the instance was asked to end or failed; a monthly base ends there. */
  readonly ended_at: Instant | null;
}

/** Nothing measured yet. */
export const emptyMeter: Meter = { months: {}, open_since: null, first_started: null, ended_at: null };

/** Whether time alone adds nothing any more: at every later instant the bill is the same, until usage arrives late. */
export const isSettled = ({ ended_at, open_since }: Meter): boolean => ended_at !== null && open_since === null;

/** An instant to price what is settled at: later than all charges. */
export const afterAll: Instant = "9000-01-01T00:00:00.000Z";

const emptyMonth: MonthMeter = { clock_ms: 0, requests: "0", tasks: 0 };

function withMonth(meter: Meter, month: string, change: (month: MonthMeter) => MonthMeter): Meter {
  return { ...meter, months: { ...meter.months, [month]: change(meter.months[month] ?? emptyMonth) } };
}

/** Adds running time from one instant to another, split at the months' boundaries. */
export function addTime(meter: Meter, from: Instant, to: Instant): Meter {
  let result = meter;
  let start = from;
  while (toMillis(start) < toMillis(to)) {
    const month = monthOf(start);
    const end = earlier(to, monthStart(nextMonth(month)));
    const ms = toMillis(end) - toMillis(start);
    result = withMonth(result, month, (old) => ({ ...old, clock_ms: old.clock_ms + ms }));
    start = end;
  }
  return result;
}

const open = (meter: Meter, at: Instant): Meter => ({ ...meter, open_since: meter.open_since ?? at, first_started: meter.first_started ?? at });

function close(meter: Meter, at: Instant): Meter {
  return meter.open_since === null ? meter : { ...addTime(meter, meter.open_since, at), open_since: null };
}

const within = (at: Instant, from: Instant, to: Instant): Instant => earlier(later(at, from), to);

function addRequests(meter: Meter, at: Instant, quantity: string, tasks: number): Meter {
  return withMonth(meter, monthOf(at), (old) => ({
    ...old, requests: addDecimals(old.requests, quantity), tasks: old.tasks + tasks,
  }));
}

/** Folds one event of an instance or of its usage into its meter; other events change nothing. */
export function measure(meter: Meter, event: Recorded<DomainEvent>): Meter {
  const fact = event as Recorded<InstanceEvent> | Recorded<UsageEvent>;
  const at = fact.metadata.recorded_at;
  switch (fact.type) {
    case "InstanceStarted": case "InstanceResumed": case "InstanceRestarted": case "PauseFailed":
      return open(meter, at);
    case "PauseRequested":
      return close(meter, at);
    case "TerminationRequested":
      return { ...close(meter, at), ended_at: meter.ended_at ?? at };
    case "InstanceExited":
      return close(meter, within(fact.data.ran_until, meter.open_since ?? at, at));
    case "InstanceFailed": {
      const end = within(fact.data.ran_until, meter.open_since ?? at, at);
      return { ...close(meter, end), ended_at: meter.ended_at ?? end };
    }
    case "TimeUnproven": {
      if (meter.open_since === null || toMillis(fact.data.to) <= toMillis(meter.open_since)) return meter;
      const from = within(fact.data.from, meter.open_since, at);
      return { ...close(meter, from), open_since: within(fact.data.to, from, at) };
    }
    case "TaskSucceeded":
      return addRequests(meter, at, "1", 1);
    case "UsageRecorded":
      return fact.data.meter === "requests" ? addRequests(meter, fact.data.time, fact.data.quantity, 0) : meter;
    default:
      return meter;
  }
}
