import type { Tail } from "#commands/tail.ts";
import { instances } from "#projections/instances.ts";
import type { Reader } from "#projections/reader.ts";
import { Alerts } from "#reactions/alerts.ts";
import type { AlertingParts, Look } from "#reactions/alerting.ts";
import { BillingCheck, type BillingCheckParts } from "#reactions/billing-check.ts";
import { enginesAway, type Health, projectionsLate, type Standing, storesAway } from "#reactions/conditions.ts";
import type { RecentFailures } from "#reactions/recent-failures.ts";
import { logPort } from "./log.ts";
import type { World } from "./world.ts";

/** What looking after a world needs beyond it. */
export interface AlertingSources {
  readonly tail: Tail;
  readonly reader: Reader;
  readonly standings: () => Promise<readonly Standing[]>;
  readonly audit: BillingCheckParts["audit"];
  readonly recentFailures: RecentFailures;
}

const behindMs = 60_000;

interface Asked { health(): Promise<Health> }

async function health(of: Iterable<readonly [string, Asked]>): Promise<Record<string, Health>> {
  const ask = (one: Asked): Promise<Health> => one.health().catch((error: unknown) => ({ ok: false, detail: String(error) }));
  const looked = await Promise.all([...of].map(async ([name, one]) => {
    const first = await ask(one);
    // An alert of these wants somebody at once: one answer that came late, as on a busy machine, is not enough for it.
    return [name, first.ok ? first : await ask(one)] as const;
  }));
  return Object.fromEntries(looked);
}

/** Tells what was the log's end a while ago: what is not folded since then is late, while an old event that came just now is not. */
function endsOfLog(): (now: number, head: string) => string {
  let ends: { readonly at: number; readonly head: string }[] = [];
  return (now, head) => {
    ends.push({ at: now, head });
    const last = ends.findLastIndex(({ at }) => now - at >= behindMs);
    ends = ends.slice(Math.max(last, 0));
    return last === -1 ? "" : ends[0]?.head ?? "";
  };
}

// Sums, which are among the documents, have no time.
const inTime = { equals: {}, range: { from: "" } };

const pages = (reader: Reader): BillingCheckParts["page"] => async (of, after, limit) => {
  const query = of === "live" ? { index: "live", equals: { live: true } } : { index: "all", ...inTime };
  const found = await reader.query(instances, { ...query, limit, ...(after && { after }) });
  return found.map(({ _id, created_at }) => ({ id: _id, value: created_at }));
};

/** Everything that is looked at in each round of a world's maintenance. */
export function alertingOf({ stores, engines, clock, log }: World, { tail, reader, standings, audit, recentFailures }: AlertingSources): AlertingParts {
  const longAgo = endsOfLog();
  const agentsOf = async (ids: readonly string[]) => new Map((await reader.getMany(instances, ids)).map(({ _id, agent_id }) => [_id, agent_id]));
  const looks: Look[] = [
    { name: "the look at engines", codes: ["engine-away"], find: async () => enginesAway(await health(engines)) },
    {
      name: "the look at stores", codes: ["store-away"],
      find: async () => storesAway(await health([["events", stores.events], ["read models", stores.readModels], ["secrets, results and leases", stores.system]])),
    },
    {
      name: "the look at read models", codes: ["projection-stopped", "projection-behind", "events-parked"],
      find: async () => projectionsLate(await standings(), longAgo(clock.now(), tail.head), `${behindMs / 1000} s`),
    },
    { name: "the look at failed instances", codes: ["instances-failing"], find: () => recentFailures.conditions(clock.now(), agentsOf) },
  ];
  return { alerts: new Alerts({ system: stores.system, clock, log: logPort(log) }), bills: new BillingCheck({ page: pages(reader), audit, system: stores.system }), looks };
}
