import type { Condition } from "./alerts.ts";

/** An answer to the question how something is. */
export interface Health {
  readonly ok: boolean;
  readonly detail?: string | undefined;
}

/** Where a read model stands. */
export interface Standing {
  readonly name: string;
  readonly position: string;
  readonly status: string;
  readonly parked?: number | undefined;
  readonly detail?: string | undefined;
}

const because = (detail: string | undefined): string => (detail === undefined || detail === "" ? "" : `: ${detail}`);
const away = (health: Readonly<Record<string, Health>>, of: (name: string, detail: string) => Condition): Condition[] =>
  Object.entries(health).flatMap(([name, { ok, detail }]) => (ok ? [] : [of(name, because(detail))]));

/** Engines that do not answer. */
export const enginesAway = (health: Readonly<Record<string, Health>>): Condition[] => away(health, (subject, detail) =>
  ({ code: "engine-away", severity: "error", subject, words: `The container engine ${subject} does not answer; its instances wait for it${detail}` }));

/** Stores that do not answer. */
export const storesAway = (health: Readonly<Record<string, Health>>): Condition[] => away(health, (subject, detail) =>
  ({ code: "store-away", severity: "error", subject, words: `The store of ${subject} does not answer${detail}` }));

/** Read models that cannot go on, have not folded what was the log's end a while ago, or had to pass over events. */
export function projectionsLate(standings: readonly Standing[], longAgo: string, behindFor: string): Condition[] {
  return standings.flatMap(({ name: subject, position, status, parked = 0, detail }): Condition[] => [
    ...(status === "stopped" ? [{ code: "projection-stopped", severity: "error", subject, words: `The read model ${subject} cannot go on${because(detail)}` } as const] : []),
    ...(position < longAgo ? [{ code: "projection-behind", severity: "warning", subject, words: `The read model ${subject} is more than ${behindFor} behind the log` } as const] : []),
    ...(parked > 0 ? [{
      code: "events-parked", severity: "warning", subject,
      words: `The read model ${subject} passed over ${parked} ${parked === 1 ? "event" : "events"} that it cannot fold; \`agenthub projections parked\` tells why`,
    } as const] : []),
  ]);
}

/** Parts of maintenance that failed. An engine that is away is told of as that, and not again for its containers. */
export const maintenanceFailing = (failures: ReadonlyMap<string, string>, enginesAreAway: readonly string[]): Condition[] =>
  [...failures].filter(([part]) => !enginesAreAway.some((engine) => part.endsWith(` of ${engine}`)))
    .map(([subject, detail]) => ({ code: "maintenance-failing", severity: "warning", subject, words: `Maintenance could not do ${subject}${because(detail)}` }));
