import { type Entry, type EventStore, Unavailable } from "#commands/ports.ts";
import type { SystemStore } from "#reactions/ports.ts";

async function put(system: SystemStore, { kind, key, value, expires_at }: Entry): Promise<void> {
  try {
    await system.put(kind, key, value, expires_at);
  } catch (cause) {
    throw new Unavailable(`the system store failed: ${(cause as Error).message}`, { cause });
  }
}

/** An event store that keeps nothing but events: entries are in the system store before the append that they came with begins. */
export const entriesFirst = (events: EventStore, system: SystemStore): EventStore => ({
  storeId: events.storeId,
  async append(stream, added, expected, entries = []) {
    await Promise.all(entries.map((entry) => put(system, entry)));
    return events.append(stream, added, expected);
  },
  read: (...asked) => events.read(...asked),
  readAll: (...asked) => events.readAll(...asked),
  subscribeAll: (...asked) => events.subscribeAll(...asked),
  health: () => events.health(),
  close: () => events.close(),
});
