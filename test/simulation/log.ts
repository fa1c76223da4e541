import type { EventStore } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";

/** Every event of a store, in order. */
export async function wholeLog(store: EventStore): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for (;;) {
    const last = all.at(-1)?.position;
    const page = await store.readAll({ max: 1_000, ...(last === undefined ? {} : { from: last }) });
    all.push(...page);
    if (page.length < 1_000) return all;
  }
}

/** Events by their stream. */
export const byStream = (events: readonly StoredEvent[]): Map<string, StoredEvent[]> => Map.groupBy(events, ({ stream }) => stream);
