import { type Instant, dayOf, earlier, fromMillis, later, shiftDay, toMillis } from "#domain/kernel/time.ts";
import type { Fact } from "./projection.ts";

/** What one UTC day holds of how well tasks and probes went. */
export interface PerformanceDay {
  readonly succeeded: number;
  /** Failed, timed out or lost; cancelled tasks say nothing about the agent. */
  readonly failed: number;
  /** Of the tasks that succeeded. */
  readonly execution_ms: number;
  readonly running_ms: number;
  readonly healthy_ms: number;
}

/** Days by `yyyymmdd`; those that no figure reads any more are left out. */
export type PerformanceDays = Readonly<Record<string, PerformanceDay>>;

/** A stretch of running time that has not ended. */
export interface Stretch {
  readonly since: Instant;
  readonly healthy: boolean;
}

/** The figures of the last 30 days; null before there is data. */
export interface PerformanceMetrics {
  /** Seconds. */
  readonly average_response_time: number | null;
  readonly success_rate: number | null;
  readonly availability: number | null;
}

const windowDays = 30;
const nothing: PerformanceDay = { succeeded: 0, failed: 0, execution_ms: 0, running_ms: 0, healthy_ms: 0 };

let [newestDay, oldestDay] = ["", ""];

// Nearly every event is of the same day as the one before.
function oldestBeside(day: string): string {
  if (day !== newestDay) [newestDay, oldestDay] = [day, shiftDay(day, -windowDays - 1)];
  return oldestDay;
}

function addDay(days: PerformanceDays, day: string, change: Partial<PerformanceDay>): PerformanceDays {
  const sum = { ...(days[day] ?? nothing) };
  for (const [name, value] of Object.entries(change) as [keyof PerformanceDay, number][]) sum[name] += value;
  const oldest = oldestBeside(day);
  const left = Object.keys(days).some((name) => name < oldest) ? Object.fromEntries(Object.entries(days).filter(([name]) => name >= oldest)) : days;
  return { ...left, [day]: sum };
}

/** Counts a task's end. */
export function addOutcome(days: PerformanceDays, event: Fact): PerformanceDays {
  const day = dayOf(event.metadata.recorded_at);
  switch (event.type) {
    case "TaskSucceeded": return addDay(days, day, { succeeded: 1, execution_ms: event.data.execution_ms });
    case "TaskFailed": case "TaskTimedOut": case "TaskLost": return addDay(days, day, { failed: 1 });
    default: return days;
  }
}

function addStretch(days: PerformanceDays, stretch: Stretch | null, until: Instant): PerformanceDays {
  if (stretch === null) return days;
  let result = days;
  const end = toMillis(until);
  let start = Math.max(toMillis(stretch.since), end - (windowDays + 1) * 86_400_000);
  while (start < end) {
    const next = Math.min(end, (Math.floor(start / 86_400_000) + 1) * 86_400_000);
    const ms = next - start;
    result = addDay(result, dayOf(fromMillis(start)), { running_ms: ms, healthy_ms: stretch.healthy ? ms : 0 });
    start = next;
  }
  return result;
}

/** What an event of an instance's life makes of its running time: the days, and the stretch that is open afterwards. */
export function followHealth(days: PerformanceDays, open: Stretch | null, event: Fact): { days: PerformanceDays; open: Stretch | null } {
  const at = event.metadata.recorded_at;
  const close = (until: Instant) => addStretch(days, open, until);
  switch (event.type) {
    case "InstanceStarted": case "InstanceResumed": case "InstanceRestarted": case "PauseFailed":
      return { days: close(at), open: { since: at, healthy: true } };
    case "HealthDegraded": case "HealthRecovered":
      return open === null ? { days, open } : { days: close(at), open: { since: at, healthy: event.type === "HealthRecovered" } };
    case "PauseRequested": case "TerminationRequested":
      return { days: close(at), open: null };
    case "InstanceExited": case "InstanceFailed":
      return { days: close(earlier(event.data.ran_until, at)), open: null };
    case "TimeUnproven":
      return open === null ? { days, open }
        : { days: close(earlier(event.data.from, at)), open: { ...open, since: later(open.since, earlier(event.data.to, at)) } };
    default:
      return { days, open };
  }
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** The figures at an instant: open stretches are counted up to it. */
export function performanceMetrics(days: PerformanceDays, open: readonly Stretch[], now: Instant): PerformanceMetrics {
  const all = open.reduce((sum, stretch) => addStretch(sum, stretch, now), days);
  const oldest = shiftDay(dayOf(now), -windowDays);
  const sum = { ...nothing };
  for (const [day, figures] of Object.entries(all))
    if (day > oldest) for (const name of Object.keys(sum) as (keyof PerformanceDay)[]) sum[name] += figures[name];
  return {
    average_response_time: ratio(sum.execution_ms / 1000, sum.succeeded),
    success_rate: ratio(sum.succeeded, sum.succeeded + sum.failed),
    availability: ratio(sum.healthy_ms, sum.running_ms),
  };
}
