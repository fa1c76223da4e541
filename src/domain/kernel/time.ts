/** An ISO 8601 instant in UTC with milliseconds, as written by `Date.prototype.toISOString`. */
export type Instant = string;

/** Milliseconds since the Unix epoch. Throws a RangeError for an invalid instant. */
export function toMillis(instant: Instant): number {
  const millis = Date.parse(instant);
  if (Number.isNaN(millis)) throw new RangeError(`not an instant: ${instant.slice(0, 40)}`);
  return millis;
}

// Much happens within one millisecond, and each part of it asks for the same few texts.
const latest = new Map<number, Instant>();
const kept = 64;

/** The instant of a number of milliseconds since the Unix epoch. */
export function fromMillis(millis: number): Instant {
  const known = latest.get(millis);
  if (known !== undefined) return known;
  const instant = new Date(millis).toISOString();
  if (latest.size >= kept) latest.clear();
  latest.set(millis, instant);
  return instant;
}

/** The later of two instants. */
export const later = (a: Instant, b: Instant): Instant => (toMillis(a) >= toMillis(b) ? a : b);

/** The earlier of two instants. */
export const earlier = (a: Instant, b: Instant): Instant => (toMillis(a) <= toMillis(b) ? a : b);

/** An instant moved by milliseconds. */
export const plus = (instant: Instant, millis: number): Instant => fromMillis(toMillis(instant) + millis);

// Nearly every instant says its date in its first letters; whatever might not, such as an offset or 24:00, is computed.
const canonical = /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const dateOf = (instant: Instant): string => (canonical.test(instant) ? instant : fromMillis(toMillis(instant))).slice(0, 10);

/** The UTC day, as `yyyymmdd`. */
export function dayOf(instant: Instant): string {
  const date = dateOf(instant);
  return date.slice(0, 4) + date.slice(5, 7) + date.slice(8);
}

/** The UTC calendar month, as `yyyy-mm`. */
export const monthOf = (instant: Instant): string => dateOf(instant).slice(0, 7);

/** The first instant of a month `yyyy-mm`. */
export const monthStart = (month: string): Instant => `${month}-01T00:00:00.000Z`;

/** The month after `yyyy-mm`. */
export function nextMonth(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return fromMillis(Date.UTC(year, number, 1)).slice(0, 7);
}

const dayMs = 86_400_000;

/** The first millisecond of the UTC day `yyyymmdd`, since the Unix epoch. */
export const dayStart = (day: string): number => Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)));

/** The day `yyyymmdd` moved by a number of days. */
export function shiftDay(day: string, days: number): string {
  return dayOf(fromMillis(dayStart(day) + days * dayMs));
}
