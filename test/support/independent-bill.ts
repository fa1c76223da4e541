import type { Price } from "#domain/billing/price.ts";
import type { Recorded } from "#domain/kernel/event.ts";

// A second way to the same figures, sharing no code with the product: plain intervals, scaled integers.
const scale = 10n ** 12n;

function scaled(decimal: string): bigint {
  const [whole = "0", part = ""] = decimal.split(".");
  return BigInt(whole) * scale + BigInt(part.padEnd(12, "0"));
}

/** numerator / denominator in micro-units, half away from zero; the numerator carries the scale. */
function micros(numerator: bigint, denominator: bigint): bigint {
  const [n, d] = [numerator * 1_000_000n * 2n, denominator * scale * 2n];
  return (n + d / 2n) / d;
}

const number = (at: string): number => new Date(at).getTime();

const starts = new Set(["InstanceStarted", "InstanceResumed", "InstanceRestarted", "PauseFailed"]);
const stops = new Set(["PauseRequested", "TerminationRequested", "InstanceExited", "InstanceFailed"]);
const lasts = new Set(["TerminationRequested", "InstanceFailed"]);

function stopOf(event: Recorded, since: number, at: number): number {
  const until = (event.data as { ran_until?: string }).ran_until;
  return until === undefined ? at : Math.min(Math.max(number(until), since), at);
}

/** Where the clock goes on after a stretch that nothing proves, and how long it ran before it. */
function unproven(event: Recorded, since: number, at: number): { ran: number; since: number } {
  const { from, to } = event.data as { from: string; to: string };
  const clamp = (instant: string) => Math.min(Math.max(number(instant), since), at);
  return { ran: clamp(from) - since, since: Math.max(clamp(from), clamp(to)) };
}

interface Running {
  readonly ms: number;
  readonly since: number | null;
  readonly first: number | null;
  readonly ended: number | null;
}

function after(running: Running, event: Recorded): Running {
  const { ms, since, first, ended } = running;
  const at = number(event.metadata.recorded_at);
  if (starts.has(event.type)) return { ...running, since: since ?? at, first: first ?? at };
  if (event.type === "TimeUnproven" && since !== null) {
    const gap = unproven(event, since, at);
    return { ...running, ms: ms + gap.ran, since: gap.since };
  }
  if (!stops.has(event.type)) return running;
  const stop = stopOf(event, since ?? at, at);
  return { ms: ms + stop - (since ?? stop), since: null, first, ended: lasts.has(event.type) ? ended ?? stop : ended };
}

function runningTime(events: readonly Recorded[], end: number): Running {
  const running = events.reduce(after, { ms: 0, since: null, first: null, ended: null });
  return { ...running, ms: running.ms + end - (running.since ?? end) };
}

/** How long an instance's clock ran up to an instant (ms), in milliseconds. */
export const independentRunningMs = (events: readonly Recorded[], end: number): number => runningTime(events, end).ms;

/** Requests by the scale: tasks that succeeded and requests that were reported, each identity once. */
function requests(events: readonly Recorded[]): bigint {
  const counted = new Map<string, bigint>();
  for (const event of events) {
    const { task_id, source, id, meter, quantity } = event.data as { task_id?: string; source?: string; id?: string; meter?: string; quantity?: string };
    if (event.type === "TaskSucceeded") counted.set(`task ${task_id}`, scale);
    if (event.type === "UsageRecorded" && meter === "requests") counted.set(JSON.stringify([source, id]), scaled(quantity ?? "0"));
  }
  return [...counted.values()].reduce((sum, each) => sum + each, 0n);
}

function monthlyBase(price: bigint, first: number, end: number): bigint {
  // Months have different lengths, so each share is brought to the least common multiple of their milliseconds.
  const common = 28n * 29n * 30n * 31n;
  const day = 86_400_000;
  let sum = 0n;
  for (let from = first; from < end;) {
    const date = new Date(from);
    const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    const days = BigInt((next - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)) / day);
    sum += BigInt(Math.min(next, end) - from) * (common / days);
    from = next;
  }
  return micros(price * sum, common * BigInt(day));
}

/** What an instance owes at an instant, in micro-units by component. */
export function independentBill(events: readonly Recorded[], price: Price, at: string): { base: bigint; usage: bigint; task: bigint } {
  const end = number(at);
  const { ms, first, ended } = runningTime(events, end);
  const step = price.increment_s * 1000;
  const billed = BigInt(Math.ceil(ms / step) * step);
  const perHour = scaled(price.price_per_hour) + scaled(price.price_per_minute) * 60n;
  const base = first === null || first >= end ? 0n
    : price.base_period === "once" ? micros(scaled(price.base_price), 1n) : monthlyBase(scaled(price.base_price), first, Math.min(ended ?? end, end));
  return { base, usage: micros(perHour * billed, 3_600_000n), task: micros(scaled(price.price_per_request) * requests(events), scale) };
}
