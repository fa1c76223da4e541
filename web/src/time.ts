import { useEffect, useState } from "preact/hooks";

const two = (value: number) => String(value).padStart(2, "0");

/** The time of day and, unless it is today, the date, as the reader's clock has them. */
export function when(instant: string | null | undefined): string {
  if (instant === null || instant === undefined) return "never";
  const date = new Date(instant);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return date.toDateString() === new Date().toDateString() ? time : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** The day alone. */
export const day = (instant: string | undefined): string => (instant ?? "").slice(0, 10);

/** A length of time in its two largest units. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

const monthName = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });

/** A calendar month such as 2026-01 in words. */
export const monthText = (month: string): string => monthName.format(new Date(`${month}-01T00:00:00Z`));

/** The present instant, renewed every second while `on`. */
export function useNow(on: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [on]);
  return now;
}
