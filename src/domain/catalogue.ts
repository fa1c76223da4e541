import type { z } from "zod";
import { account } from "./account/account.ts";
import { agent } from "./agent/agent.ts";
import { capacity } from "./capacity/capacity.ts";
import { instance } from "./instance/instance.ts";
import type { EventType } from "./kernel/event.ts";
import { ledger } from "./ledger/ledger.ts";
import { usage } from "./usage/usage.ts";

/** Every aggregate, by the category of its streams (the part before the first dash). */
export const aggregates = { account, agent, capacity, instance, usage, ledger } as const;

/** Every event type ever written, by name. */
export const catalogue: ReadonlyMap<string, EventType<string, z.ZodType>> = new Map(
  Object.values(aggregates).flatMap((aggregate) => aggregate.events.map((type) => [type.type, type] as const)),
);

/** Stored data read through its type's schema; null when the type is unknown or the data does not fit. */
export function readData(type: string, data: unknown): unknown {
  const known = catalogue.get(type);
  if (known === undefined) return null;
  const parsed = known.schema.safeParse(data);
  return parsed.success ? parsed.data : null;
}
