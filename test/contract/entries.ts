import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Entry, type EventStore, noStream, WrongExpectedRevision } from "#commands/ports.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { someEvents, someStream } from "./event-store-samples.ts";

/** What every pair of stores must do with the entries that come with events. */
export function entriesContract(label: string, open: () => Promise<{ events: EventStore; system: SystemStore; close: () => Promise<void> }>): void {
  describe(`entries that come with events on ${label}`, () => {
    let events: EventStore;
    let system: SystemStore;
    let close: () => Promise<void>;
    let kinds = 0;

    beforeAll(async () => { ({ events, system, close } = await open()); });
    afterAll(async () => { await close(); });

    const someKind = (): string => `kind${++kinds}`;
    const entry = (kind: string, key: string, value: unknown = { key }, expires_at = 5_000): Entry => ({ kind, key, value, expires_at });
    const append = (...entries: Entry[]) => events.append(someStream(), someEvents(1), noStream, entries);
    const keys = async (kind: string, after = "", limit = 10): Promise<string[]> => (await system.list(kind, after, limit)).map(({ key }) => key);

    test("are in the system store once the append is answered, until they expire", async () => {
      const kind = someKind();
      const value = { list: [1, "two", null, { "dotted.key": true }], text: "Füße" };
      await append(entry(kind, "a", value), entry(kind, "falsy", 0));
      expect(await system.get(kind, "a", 4_999)).toEqual(value);
      expect(await system.get(kind, "a", 5_000)).toBeNull();
      expect(await system.get(kind, "falsy", 0)).toBe(0);
      expect(await system.get(kind, "b", 0)).toBeNull();
    });

    test("are listed among those that were put, in the order of their keys and page by page", async () => {
      const kind = someKind();
      await append(entry(kind, "a"), entry(kind, "c"), entry(kind, "é"));
      for (const key of ["b", "z"]) await system.put(kind, key, { key });
      expect(await system.list(kind, "", 2)).toEqual([{ key: "a", value: { key: "a" }, expires_at: 5_000 }, { key: "b", value: { key: "b" }, expires_at: null }]);
      expect(await keys(kind, "b", 2)).toEqual(["c", "z"]);
      expect(await keys(kind, "z")).toEqual(["é"]);
    });

    test("are removed and purged like any other, and another put replaces what is read", async () => {
      const kind = someKind();
      await append(entry(kind, "a"), entry(kind, "b"), entry(kind, "c", 1, 9_000));
      await system.remove(kind, "a");
      expect(await keys(kind)).toEqual(["b", "c"]);
      expect(await system.purge(5_000)).toBeGreaterThanOrEqual(1);
      expect(await keys(kind)).toEqual(["c"]);
      expect(await system.putIfAbsent(kind, "c", 2)).toBe(1);
      await system.put(kind, "c", 2);
      expect(await system.get(kind, "c", 0)).toBe(2);
      expect(await keys(kind)).toEqual(["c"]);
      await system.remove(kind, "c");
      expect(await system.get(kind, "c", 0)).toBeNull();
    });

    test("outlive the identical append, and the append of others that is refused", async () => {
      const kind = someKind();
      const [stream, added] = [someStream(), someEvents(2)];
      const first = await events.append(stream, added, noStream, [entry(kind, "a", "first")]);
      expect(await events.append(stream, added, noStream, [entry(kind, "a", "first")])).toEqual(first);
      await expect(events.append(stream, someEvents(1), noStream, [entry(kind, "b")])).rejects.toBeInstanceOf(WrongExpectedRevision);
      expect(await system.get(kind, "a", 0)).toBe("first");
    });

    test("are there when a subscriber is told of the event", async () => {
      const kind = someKind();
      const stream = someStream();
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const subscription = await events.subscribeAll("end", (event) => {
        if (event.stream === stream) system.get(kind, "a", 0).then(resolve, reject);
      });
      await events.append(stream, someEvents(1), noStream, [entry(kind, "a", "there")]);
      expect(await promise).toBe("there");
      await subscription.stop();
    });
  });
}
