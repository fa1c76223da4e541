import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { SystemStore } from "#reactions/ports.ts";

/** What every system store must do. Several stores stand for several processes on the same data. */
export function systemStoreContract(label: string, open: () => Promise<{ stores: readonly [SystemStore, ...SystemStore[]]; close: () => Promise<void> }>): void {
  describe(`the system store on ${label}`, () => {
    let stores: readonly [SystemStore, ...SystemStore[]];
    let store: SystemStore;
    let close: () => Promise<void>;
    let name = "";
    let count = 0;

    beforeAll(async () => {
      ({ stores, close } = await open());
      store = stores[0];
    });
    afterAll(async () => {
      await close();
    });
    beforeEach(() => {
      name = `kind${++count}`;
    });

    test("a value comes back as it was put, and another put replaces it", async () => {
      const value = { list: [1, "two", null, { $ref: "#/a", "dotted.key": true, "%": 1 }], none: null, text: "Füße" };
      await store.put(name, "a/b", value);
      expect(await store.get(name, "a/b", 0)).toEqual(value);
      await store.put(name, "a/b", "plain");
      expect(await store.get(name, "a/b", 0)).toBe("plain");
      await store.put(name, "falsy", 0);
      expect(await store.get(name, "falsy", 0)).toBe(0);
      expect(await store.get(name, "absent", 0)).toBeNull();
      expect(await store.get(`${name}x`, "a/b", 0)).toBeNull();
    });

    test("what expired is absent before it is purged, and a purge leaves the rest", async () => {
      await store.put(name, "short", 1, 1000);
      await store.put(name, "long", 2, 5000);
      await store.put(name, "for good", 3);
      await store.put(name, "kept", 4, 1000);
      await store.put(name, "kept", 4);
      expect(await store.get(name, "short", 999)).toBe(1);
      expect(await store.get(name, "short", 1000)).toBeNull();
      expect(await store.purge(1000)).toBe(1);
      expect(await store.purge(1000)).toBe(0);
      expect((await store.list(name, "", 10)).map(({ key, expires_at }) => [key, expires_at])).toEqual([["for good", null], ["kept", null], ["long", 5000]]);
      expect(await store.get(name, "long", 4999)).toBe(2);
      expect(await store.purge(5000)).toBe(1);
    });

    test("a removed entry is gone, and removing it again is fine", async () => {
      await store.put(name, "a", 1);
      await store.remove(name, "a");
      await store.remove(name, "a");
      expect(await store.get(name, "a", 0)).toBeNull();
    });

    test("entries are listed by key, one kind at a time, page by page", async () => {
      await store.put(`${name}0`, "zz", 0);
      await store.put(`${name}-`, "zz", 0);
      for (const key of ["b", "a", "c/1", "c", "ä", "B"]) await store.put(name, key, key.length);
      const first = await store.list(name, "", 4);
      expect(first.map(({ key }) => key)).toEqual(["B", "a", "b", "c"]);
      expect(first[3]).toEqual({ key: "c", value: 1, expires_at: null });
      expect((await store.list(name, "c", 4)).map(({ key }) => key)).toEqual(["c/1", "ä"]);
      expect(await store.list(name, "ä", 4)).toEqual([]);
    });

    test("of many who put what is absent one wins, and all are told whose value it is", async () => {
      const answers = await Promise.all(Array.from({ length: 16 }, (_, writer) => stores[writer % stores.length]!.putIfAbsent(name, "id", { writer })));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await store.get(name, "id", 0)).toEqual(answers[0]);
      expect(await store.putIfAbsent(name, "id", { writer: "late" })).toEqual(answers[0]);
    });

    test("what was put where nothing was goes when it expires, if it is to", async () => {
      await store.putIfAbsent(name, "short", 1, 1000);
      await store.putIfAbsent(name, "for good", 2);
      await store.purge(1000);
      expect((await store.list(name, "", 10)).map(({ key, expires_at }) => [key, expires_at])).toEqual([["for good", null]]);
      expect(await store.putIfAbsent(name, "short", 3)).toBe(3);
    });

    test("a lease has one owner until it expires or is released, and every new owner a higher epoch", async () => {
      expect(await store.acquireLease(name, "one", 1000, 0)).toEqual({ epoch: 1 });
      expect(await store.acquireLease(name, "two", 1000, 999)).toBeNull();
      expect(await store.acquireLease(name, "one", 1000, 500)).toEqual({ epoch: 1 });
      expect(await store.acquireLease(name, "two", 1000, 1499)).toBeNull();
      expect(await store.acquireLease(name, "two", 1000, 1500)).toEqual({ epoch: 2 });
      expect(await store.acquireLease(name, "one", 1000, 1501)).toBeNull();
      await store.releaseLease(name, "one");
      expect(await store.acquireLease(name, "one", 1000, 1502)).toBeNull();
      await store.releaseLease(name, "two");
      expect(await store.acquireLease(name, "one", 1000, 1503)).toEqual({ epoch: 3 });
      await store.releaseLease(name, "one");
      expect(await store.acquireLease(name, "one", 1000, 1504)).toEqual({ epoch: 4 });
      await store.releaseLease("no such lease", "one");
    });

    test("an owner whose lease nobody took over in the meantime keeps its epoch", async () => {
      expect(await store.acquireLease(name, "one", 1000, 0)).toEqual({ epoch: 1 });
      expect(await store.acquireLease(name, "one", 1000, 9000)).toEqual({ epoch: 1 });
    });

    test("of 16 contenders for a new lease, a released one and an expired one exactly one wins", async () => {
      const contend = async (now: number): Promise<{ owner: string; epoch: number }> => {
        const answers = await Promise.all(Array.from({ length: 16 }, async (_, place) => {
          const owner = `${now}-${place}`;
          const lease = await stores[place % stores.length]!.acquireLease(name, owner, 1000, now);
          return lease === null ? [] : [{ owner, epoch: lease.epoch }];
        }));
        expect(answers.flat()).toHaveLength(1);
        return answers.flat()[0]!;
      };
      const first = await contend(0);
      expect(first.epoch).toBe(1);
      const second = await contend(1000);
      expect(second.epoch).toBe(2);
      await store.releaseLease(name, second.owner);
      expect((await contend(1001)).epoch).toBe(3);
      for (let round = 1; round <= 10; round++) expect((await contend(1001 + round * 1000)).epoch).toBe(3 + round);
    });

    test("it says that it is well", async () => {
      expect(await store.health()).toMatchObject({ ok: true });
    });
  });
}
