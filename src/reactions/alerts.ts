import type { Clock } from "#commands/ports.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import type { Log } from "./log.ts";
import type { SystemStore } from "./ports.ts";

/** Every kind of condition that somebody has to know of. */
export const alertCodes = [
  "engine-away", "store-away", "projection-stopped", "projection-behind", "events-parked", "bill-differs", "instances-failing", "maintenance-failing",
] as const;
/** A kind of condition. */
export type AlertCode = (typeof alertCodes)[number];

/** Something that is wrong now. Code and subject tell it from every other. */
export interface Condition {
  readonly code: AlertCode;
  /** An error wants somebody at once; a warning wants somebody. */
  readonly severity: "error" | "warning";
  /** What it is about: an engine, a store, a read model, an instance, an agent, or a part of maintenance. */
  readonly subject: string;
  readonly words: string;
}

/** A condition that lasts. */
export interface Alert extends Condition {
  readonly since: string;
}

const kind = "alert";
/** More than anybody reads. */
const most = 1000;
const keyOf = ({ code, subject }: Condition): string => `${code} ${subject}`;
const known: ReadonlySet<string> = new Set(alertCodes);

/** What lasts, as every process sees it: errors first, then the oldest. */
export async function storedAlerts(system: Pick<SystemStore, "list">): Promise<Alert[]> {
  const alerts = (await system.list(kind, "", most)).map(({ value }) => value as Alert).filter(({ code }) => known.has(code));
  const order = ({ severity, since }: Alert): string => `${severity} ${since}`;
  return alerts.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Tells conditions once when they begin and once when they end. One process at a time looks; what it saw outlives it in the store. */
export class Alerts {
  readonly #system: SystemStore;
  readonly #clock: Clock;
  readonly #log: Log;
  #lasting = new Map<string, Alert>();
  /** What the store holds, as far as this process knows; undefined before it was asked. */
  #stored: Map<string, string> | undefined;

  constructor(parts: { readonly system: SystemStore; readonly clock: Clock; readonly log: Log }) {
    this.#system = parts.system;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** What lasts now. */
  get lasting(): readonly Alert[] {
    return [...this.#lasting.values()];
  }

  /** Takes over what lasted when another process, or an earlier run, looked last; once. */
  async load(): Promise<void> {
    if (this.#stored !== undefined) return;
    const entries = await this.#system.list(kind, "", most);
    for (const { key, value } of entries) {
      const alert = value as Alert;
      if (known.has(alert.code)) this.#lasting.set(key, { ...(this.#lasting.get(key) ?? alert), since: alert.since });
    }
    this.#stored = new Map(entries.map(({ key, value }) => [key, JSON.stringify(value)]));
  }

  /** What one look found: raises what is new, and clears what it covers and no longer found. */
  settle(found: readonly Condition[], covers: (alert: Alert) => boolean): void {
    const now = new Map(found.map((condition) => [keyOf(condition), condition]));
    for (const [key, alert] of this.#lasting) {
      if (now.has(key) || !covers(alert)) continue;
      this.#lasting.delete(key);
      this.#log.info(`over: ${alert.words}`, { alert: alert.code, subject: alert.subject, since: alert.since });
    }
    for (const [key, condition] of now) {
      const { code, severity, subject, words } = condition;
      const lasting = this.#lasting.get(key);
      this.#lasting.set(key, { code, severity, subject, words, since: lasting?.since ?? fromMillis(this.#clock.now()) });
      if (lasting === undefined) this.#log[severity === "error" ? "error" : "warn"](words, { alert: code, subject });
    }
  }

  /** Makes the store hold what lasts, however often an earlier attempt failed. */
  async save(): Promise<void> {
    await this.load();
    const stored = this.#stored ?? new Map<string, string>();
    for (const key of [...stored.keys()].filter((one) => !this.#lasting.has(one))) {
      await this.#system.remove(kind, key);
      stored.delete(key);
    }
    for (const [key, alert] of this.#lasting) {
      const text = JSON.stringify(alert);
      if (stored.get(key) === text) continue;
      await this.#system.put(kind, key, alert);
      stored.set(key, text);
    }
  }
}
