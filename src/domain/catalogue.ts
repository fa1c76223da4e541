import type { z } from "zod";
import { account } from "./account/account.ts";
import { agent } from "./agent/agent.ts";
import { capacity } from "./capacity/capacity.ts";
import { instance } from "./instance/instance.ts";
import type { EventMetadata, EventType, StoredEvent } from "./kernel/event.ts";
import { ledger } from "./ledger/ledger.ts";
import { type Upcasters, upcasters } from "./upcasters.ts";
import { usage } from "./usage/usage.ts";

/** Every aggregate, by the category of its streams (the part before the first dash). */
export const aggregates = { account, agent, capacity, instance, usage, ledger } as const;

/** Every event type ever written, by name. */
export const catalogue: ReadonlyMap<string, EventType<string, z.ZodType>> = new Map(
  Object.values(aggregates).flatMap((aggregate) => aggregate.events.map((type) => [type.type, type] as const)),
);

/** What reading needs of an event. */
export type Readable = Pick<StoredEvent, "type" | "data" | "metadata">;

type Reading = { readonly data: unknown } | { readonly reason: string };

function lifted({ type, data, metadata }: Readable, current: number, steps: Upcasters): Reading {
  let value = data;
  for (let version = metadata.schema_version; version < current; version += 1) {
    const step = steps[type]?.[version];
    if (step === undefined) return { reason: `nothing lifts ${type} from version ${version} to ${version + 1}` };
    value = step(value, metadata);
  }
  return { data: value };
}

function read(event: Readable, known: EventType<string, z.ZodType> | undefined, steps: Upcasters): Reading {
  if (known === undefined) return { reason: `${event.type} is no event type that this release knows` };
  const version = event.metadata.schema_version;
  if (version > known.version) return { reason: `${event.type} has version ${version}; this release knows it up to ${known.version}` };
  const value = version === known.version ? event : lifted(event, known.version, steps);
  if ("reason" in value) return value;
  const parsed = known.schema.safeParse(value.data);
  return parsed.success ? { data: parsed.data } : { reason: `the data of ${event.type} does not fit it` };
}

/** Stored data in today's form, read through its type's schema; null when this release cannot read it. */
export function readData(event: Readable, known = catalogue.get(event.type), steps: Upcasters = upcasters): unknown {
  const reading = read(event, known, steps);
  return "data" in reading ? reading.data : null;
}

// Known by its class, so that nobody reads it again who comes upon it later; a changed copy of it is an event like any other.
class Decoded implements StoredEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly position: string;
  readonly data: unknown;
  readonly metadata: EventMetadata;

  constructor({ id, stream, revision, type, position }: StoredEvent, data: unknown, metadata: EventMetadata) {
    this.id = id;
    this.stream = stream;
    this.revision = revision;
    this.type = type;
    this.position = position;
    this.data = data;
    this.metadata = metadata;
  }
}

/** An event with its data in today's form, marked as such; null when this release cannot read it. */
export function decode(event: StoredEvent): StoredEvent | null {
  if (event instanceof Decoded) return event;
  const data = readData(event);
  if (data === null) return null;
  const version = catalogue.get(event.type)?.version ?? event.metadata.schema_version;
  const metadata = version === event.metadata.schema_version ? event.metadata : { ...event.metadata, schema_version: version };
  return new Decoded(event, data, metadata);
}

/** Why an event cannot be read, in words; null when it can. */
export function whyUnreadable(event: Readable): string | null {
  const reading = read(event, catalogue.get(event.type), upcasters);
  return "reason" in reading ? reading.reason : null;
}
