/** How long a caller waits for an outcome (RFC 7240). */
export interface Preference {
  readonly wait_ms: number;
  /** Whether anything was asked for. */
  readonly given: boolean;
}

const standard = 30;
const most = 120;

/** Reads `Prefer: wait=N` and `Prefer: respond-async`; what it does not know it leaves alone. */
export function readPrefer(header: string | undefined): Preference {
  let wait: number | undefined;
  for (const part of (header ?? "").split(",").map((text) => text.trim().toLowerCase())) {
    if (part === "respond-async") return { wait_ms: 0, given: true };
    const seconds = /^wait\s*=\s*"?(\d{1,6})"?$/.exec(part)?.[1];
    if (seconds !== undefined) wait ??= Math.min(most, Number(seconds));
  }
  return { wait_ms: (wait ?? standard) * 1000, given: wait !== undefined };
}
