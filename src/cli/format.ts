/** Seconds as people say them: `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** Bytes with a binary unit. */
export function bytes(count: number | null | undefined): string | null {
  if (count === null || count === undefined) return null;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(count) / 10));
  return `${(count / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}

/** A figure with a unit, or nothing where there is no figure. */
export const figure = (value: number | null | undefined, unit: string, places = 1): string | null =>
  value === null || value === undefined ? null : `${value.toFixed(places)}${unit}`;

/** A share between 0 and 1 as a percentage. */
export const percent = (share: number | null | undefined): string | null =>
  share === null || share === undefined ? null : `${(share * 100).toFixed(1)}%`;

/** An amount with its currency, exactly as the server wrote it. */
export const amount = (value: { toString(): string } | number | string | null | undefined, currency?: string): string | null =>
  value === null || value === undefined ? null : currency === undefined ? String(value) : `${String(value)} ${currency}`;

/** An instant without the milliseconds. */
export const instant = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : text.replace(/\.\d+Z$/, "Z");
