import { z } from "zod";
import type { Condition } from "./alerts.ts";
import type { AuditDifference, AuditReport } from "./audit/audit.ts";
import type { SystemStore } from "./ports.ts";

/** A place in a list of instances, behind which the next page begins. */
export interface Place {
  readonly value: string;
  readonly id: string;
}

/** What checking bills needs. */
export interface BillingCheckParts {
  /** Places of instances in order: of the live ones, or of all. */
  readonly page: (of: "live" | "all", after: Place | undefined, max: number) => Promise<readonly Place[]>;
  readonly audit: (scope: { readonly instance: string }) => Promise<Pick<AuditReport, "events_read" | "differences">>;
  /** Keeps the place over restarts: however often a process ends, every bill gets its turn. */
  readonly system: Pick<SystemStore, "get" | "put">;
  /** How much one round may do at most; the instance that passes the number of events is still looked at. */
  readonly limits?: { readonly instances: number; readonly events: number };
}

/** What a round found. */
export interface BillingRound {
  /** The instances that were looked at: of these the conditions are complete. */
  readonly checked: ReadonlySet<string>;
  readonly conditions: readonly Condition[];
  /** Why the round ended early, or null. */
  readonly failure: string | null;
}

const [kind, key] = ["billing-check", "place"] as const;
const standing = z.object({ of: z.enum(["live", "all"]), after: z.object({ value: z.string(), id: z.string() }).optional() });

const bounds = { instances: 50, events: 20_000 };
/** One of so many looks is kept for what differed before. */
const againShare = 5;

function condition(subject: string, differences: readonly AuditDifference[]): Condition {
  const [first] = differences;
  const where = first === undefined ? "" : `${first.read_model === "" ? "" : `${first.read_model}.`}${first.field} is ${first.from_read_model}, but ${first.from_events} by its events`;
  const more = differences.length > 1 ? `, and ${differences.length - 1} more` : "";
  return { code: "bill-differs", severity: "error", subject, words: `The bill of ${subject} differs: ${where}${more}` };
}

/** Compares bills with their events, a slice each round: first the live instances, then all, then from the start. */
export class BillingCheck {
  readonly #parts: BillingCheckParts;
  /** Read in the first round. */
  #standing: z.output<typeof standing> | undefined;
  #stopped = false;

  constructor(parts: BillingCheckParts) {
    this.#parts = parts;
  }

  /** Ends a running round after the instance that it looks at. */
  stop(): void {
    this.#stopped = true;
  }

  /** Looks at the next slice, and again at some of those that differed. */
  async round(differed: readonly string[]): Promise<BillingRound> {
    const { page, limits = bounds } = this.#parts;
    const again = differed.slice(0, Math.floor(limits.instances / againShare));
    const checked = new Set<string>();
    const conditions: Condition[] = [];
    let events = 0;
    const look = async (id: string): Promise<void> => {
      const { differences, events_read } = await this.#audit(id);
      events += events_read;
      checked.add(id);
      if (differences.length > 0) conditions.push(condition(id, differences));
    };
    const goesOn = (): boolean => !this.#stopped && events < limits.events;
    try {
      const { of, after } = this.#standing ??= await this.#kept();
      const max = limits.instances - again.length;
      const places = await page(of, after, max);
      let seen = 0;
      for (const place of places) {
        if (!goesOn()) break;
        // Before it is looked at: one that cannot be read, or ends the process, must not keep the others from their turn.
        await this.#move({ of, after: place });
        seen += 1;
        await look(place.id);
      }
      if (places.length < max && seen === places.length) await this.#move({ of: of === "live" ? "all" : "live" });
      for (const id of again) if (!checked.has(id) && goesOn()) await look(id);
      return { checked, conditions, failure: null };
    } catch (error) {
      return { checked, conditions, failure: (error as Error).message };
    }
  }

  async #kept(): Promise<z.output<typeof standing>> {
    const kept = standing.safeParse(await this.#parts.system.get(kind, key, 0));
    return kept.success ? kept.data : { of: "live" };
  }

  async #move(to: z.output<typeof standing>): Promise<void> {
    this.#standing = to;
    await this.#parts.system.put(kind, key, to);
  }

  // Read models move while they are looked at: what differs is looked at twice before anybody is woken.
  async #audit(instance: string): Promise<Pick<AuditReport, "events_read" | "differences">> {
    const first = await this.#parts.audit({ instance });
    if (first.differences.length === 0) return first;
    const second = await this.#parts.audit({ instance });
    return { differences: second.differences, events_read: first.events_read + second.events_read };
  }
}
