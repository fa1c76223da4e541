import { randomUUID } from "node:crypto";
import type { EventStore, NewEvent } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";

/** A minute, in milliseconds: what the slowest store may take is counted in them. */
export const minutes = 60_000;

/** An event that differs from every other one. */
export function someEvent(data: Record<string, unknown> = {}): NewEvent {
  const id = randomUUID();
  return {
    id,
    type: "ThingHappened",
    data,
    metadata: {
      schema_version: 1, recorded_at: "2026-01-01T00:00:00.000Z", account: "acc", actor: "acc",
      command_id: id, correlation_id: id, causation_id: id,
    },
  };
}

/** `count` different events, numbered from 0 in their data. */
export function someEvents(count: number): NewEvent[] {
  return Array.from({ length: count }, (_, number) => someEvent({ number }));
}

/** A stream that nobody wrote to yet. */
export function someStream(): string {
  return `contract-${randomUUID()}`;
}

/** The position of the log's last event. */
export async function tip(store: EventStore): Promise<string | undefined> {
  return (await store.readAll({ direction: "backwards", max: 1 })).at(0)?.position;
}

/** The events of these streams: a server that is not the test's own may be written to by others meanwhile. */
export const within = (streams: readonly string[], events: readonly StoredEvent[]): StoredEvent[] => events.filter(({ stream }) => streams.includes(stream));

/** The ids of events, in order. */
export const ids = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id);

/** Follows the log page by page from after a position. */
export async function allAfter(store: EventStore, from: string | undefined, max = 1_000): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  for (let after = from; ; ) {
    const page = await store.readAll({ max, ...(after === undefined ? {} : { from: after }) });
    if (page.length === 0) return found;
    found.push(...page);
    after = page.at(-1)?.position;
  }
}
