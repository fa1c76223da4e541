import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { CollectionSpec, IndexValue, Query, ReadModels, StoredDocument } from "#projections/ports.ts";
import { checkpointsContract } from "./read-models-checkpoints.ts";

const things = (name: string): CollectionSpec => ({
  name,
  indexes: [
    { name: "by_rank", equals: ["kind"], sort: "rank" },
    { name: "by_title", equals: [], sort: "title", tokens: true },
    { name: "by_flag", equals: ["flag", "kind"], sort: "_id" }, { name: "by_id", equals: [], sort: "_id" },
  ],
});

const thing = (id: string, fields: Record<string, unknown> = {}, v = "1"): StoredDocument => ({ _id: id, _v: v, kind: "a", rank: 0, title: id, flag: true, ...fields });
const ids = (documents: readonly StoredDocument[]): string[] => documents.map(({ _id }) => _id);

/** What every read model store must do. */
export function readModelsContract(label: string, open: () => Promise<{ store: ReadModels; close: () => Promise<void> }>): void {
  describe(`read models on ${label}`, () => {
    let store: ReadModels;
    let close: () => Promise<void>;
    let collection = "";
    let count = 0;

    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());
    beforeEach(async () => {
      collection = `things${++count}__v1`;
      await store.ensure(things(collection));
    });

    const insert = async (documents: readonly StoredDocument[]): Promise<void> => {
      expect(await store.write(collection, documents.map((document) => ({ document, expected: null })))).toEqual([]);
    };
    const pages = async (query: Query, sort: string): Promise<string[][]> => {
      const result: string[][] = [];
      for (let after: Query["after"]; ;) {
        const page = await store.query(collection, { ...query, ...(after === undefined ? {} : { after }) });
        if (page.length === 0) return result;
        result.push(ids(page));
        const last = page.at(-1)!;
        after = { value: last[sort] as IndexValue, id: last._id };
      }
    };

    test("a document comes back as it was written, whatever JSON it holds", async () => {
      const document = thing("json", {
        nested: { list: [1, "two", null, true, { deep: [] }], empty: {}, "a.b": 1, $ref: "#/x", $id: "y", "50%": "2E" },
        big: 9_007_199_254_740_991, negative: -1.5, text: "Füße 🎉", none: null, tokens: ["x", "y"],
      });
      await insert([document]);
      expect(await store.get(collection, "json")).toEqual(document);
      expect(await store.get(collection, "absent")).toBeNull();
    });

    test("many ids answer the documents that exist, once each, in the order asked", async () => {
      await insert([thing("a"), thing("b"), thing("c")]);
      expect(ids(await store.getMany(collection, ["c", "nope", "a", "c"]))).toEqual(["c", "a"]);
      expect(await store.getMany(collection, [])).toEqual([]);
    });

    test("an insert never replaces, and a replace needs the expected version", async () => {
      await insert([thing("a", { rank: 1 })]);
      expect(await store.write(collection, [{ document: thing("a", { rank: 2 }, "2"), expected: null }])).toEqual(["a"]);
      expect(await store.write(collection, [{ document: thing("a", { rank: 3 }, "3"), expected: "2" }])).toEqual(["a"]);
      expect(await store.write(collection, [{ document: thing("nope", {}, "3"), expected: "2" }])).toEqual(["nope"]);
      expect(await store.get(collection, "a")).toEqual(thing("a", { rank: 1 }));
      expect(await store.get(collection, "nope")).toBeNull();
      expect(await store.write(collection, [{ document: thing("a", { rank: 4 }, "4"), expected: "1" }])).toEqual([]);
      expect(await store.get(collection, "a")).toEqual(thing("a", { rank: 4 }, "4"));
      expect(await store.write(collection, [])).toEqual([]);
    });

    test("one failed guard does not hold up the other writes of a batch, and replaying a batch changes nothing", async () => {
      await insert([thing("old"), thing("moved", {}, "5")]);
      const batch = [
        { document: thing("moved", { rank: 9 }, "6"), expected: "1" },
        { document: thing("old", { rank: 9 }, "6"), expected: "1" },
        { document: thing("moved", {}, "6"), expected: null },
        { document: thing("new", { rank: 9 }, "6"), expected: null },
      ];
      expect((await store.write(collection, batch)).sort()).toEqual(["moved", "moved"]);
      expect((await store.write(collection, batch)).sort()).toEqual(["moved", "moved", "new", "old"]);
      expect((await store.getMany(collection, ["old", "new", "moved"])).map((document) => document["rank"])).toEqual([9, 9, 0]);
    });

    test("of racing writers on one version exactly one wins", async () => {
      await insert([thing("contested")]);
      for (let round = 1; round <= 5; round++) {
        const answers = await Promise.all(Array.from({ length: 8 }, (_, writer) =>
          store.write(collection, [{ document: thing("contested", { writer, round }, String(round + 1)), expected: String(round) }])));
        expect(answers.filter((failed) => failed.length === 0)).toHaveLength(1);
      }
      const inserts = await Promise.all(Array.from({ length: 8 }, (_, writer) => store.write(collection, [{ document: thing("first", { writer }), expected: null }])));
      const winner = inserts.findIndex((failed) => failed.length === 0);
      expect(inserts.filter((failed) => failed.length === 0)).toHaveLength(1);
      expect((await store.get(collection, "first"))?.["writer"]).toBe(winner);
    });

    test("equal sort values are paged by id in both directions, null first", async () => {
      const ranks: IndexValue[] = [null, null, null, 1, 1, 1, 1, 2, 10];
      await insert([...ranks.map((rank, place) => thing(`t${place}`, { rank })), thing("other", { kind: "b" })]);
      const up = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8"];
      for (const limit of [1, 2, 3, 4, 100]) {
        const query = { index: "by_rank", equals: { kind: "a" }, limit };
        const ascending = await pages(query, "rank");
        const descending = await pages({ ...query, descending: true }, "rank");
        expect(ascending.flat()).toEqual(up);
        expect(descending.flat()).toEqual(up.toReversed());
        expect(ascending.every((page, place) => page.length === limit || place === ascending.length - 1)).toBe(true);
      }
    });

    test("a page goes on where its last document was, though that one is gone or moved", async () => {
      await insert(["a", "b", "c", "d"].map((id) => thing(id, { rank: 1 })));
      await store.write(collection, [{ document: thing("b", { rank: 7 }, "2"), expected: "1" }]);
      const query: Query = { index: "by_rank", equals: { kind: "a" }, after: { value: 1, id: "b" }, limit: 10 };
      expect(ids(await store.query(collection, query))).toEqual(["c", "d", "b"]);
      expect(ids(await store.query(collection, { ...query, descending: true }))).toEqual(["a"]);
    });

    test("a range takes its start and leaves its end, and no null, also across pages", async () => {
      await insert([null, 1, 2, 2, 3, 3, 4, 5].map((rank, place) => thing(`t${place}`, { rank })));
      const of = async (range: NonNullable<Query["range"]>, more: Partial<Query> = {}): Promise<string[]> =>
        (await pages({ index: "by_rank", equals: { kind: "a" }, range, limit: 2, ...more }, "rank")).flat();
      expect(await of({ from: 2, to: 4 })).toEqual(["t2", "t3", "t4", "t5"]);
      expect(await of({ from: 2, to: 4 }, { descending: true })).toEqual(["t5", "t4", "t3", "t2"]);
      expect(await of({ from: 4 })).toEqual(["t6", "t7"]);
      expect(await of({ to: 2 })).toEqual(["t1"]);
      expect(await of({ to: 2 }, { descending: true })).toEqual(["t1"]);
      expect(await of({ from: 4, to: 4 })).toEqual([]);
    });

    test("all tokens must be there, and a replaced document has only its new ones", async () => {
      await insert([
        thing("a", { tokens: ["red", "big"] }), thing("b", { tokens: ["red"] }), thing("c", { tokens: ["red", "big", "red", "old"] }), thing("d"), thing("e", { tokens: [] }),
      ]);
      const of = async (tokens: string[], more: Partial<Query> = {}): Promise<string[]> => (await pages({ index: "by_title", tokens, limit: 2, ...more }, "title")).flat();
      expect(await of(["red"])).toEqual(["a", "b", "c"]);
      expect(await of(["red"], { descending: true })).toEqual(["c", "b", "a"]);
      expect(await of(["big", "red"])).toEqual(["a", "c"]);
      expect(await of(["big", "red"], { range: { from: "b" } })).toEqual(["c"]);
      expect(await of(["big", "blue"])).toEqual([]);
      expect(await of([])).toEqual(["a", "b", "c", "d", "e"]);
      await store.write(collection, [{ document: thing("c", { tokens: ["new"] }, "2"), expected: "1" }, { document: thing("a", { tokens: ["x"] }, "2"), expected: "stale" }]);
      expect(await of(["old"])).toEqual([]);
      expect(await of(["new"])).toEqual(["c"]);
      expect(await of(["big"])).toEqual(["a"]);
    });

    test("equality tells booleans and null apart, and the id may be what sorts", async () => {
      await insert([thing("a", { flag: false }), thing("b"), thing("c", { flag: null }), thing("d", { flag: false })]);
      const of = async (flag: IndexValue): Promise<string[]> => (await pages({ index: "by_flag", equals: { flag, kind: "a" }, limit: 1 }, "_id")).flat();
      expect([await of(false), await of(true)]).toEqual([["a", "d"], ["b"]]);
      expect(await of(null)).toEqual(["c"]);
      expect((await pages({ index: "by_flag", equals: { flag: false, kind: "a" }, limit: 1, descending: true }, "_id")).flat()).toEqual(["d", "a"]);
      expect((await pages({ index: "by_id", limit: 3 }, "_id")).flat()).toEqual(["a", "b", "c", "d"]);
    });

    test("what no declared index serves is refused", async () => {
      const refused: Query[] = [
        { index: "by_nothing", limit: 1 },
        { index: "by_rank", limit: 1 },
        { index: "by_rank", equals: { kind: "a", flag: true }, limit: 1 },
        { index: "by_rank", equals: { kind: "a" }, tokens: ["x"], limit: 1 },
        { index: "by_title", limit: 0 },
      ];
      for (const query of refused) await expect(store.query(collection, query)).rejects.toThrow();
      await expect(store.query("no_such_collection", { index: "by_rank", limit: 1 })).rejects.toThrow("no collection");
      await expect(store.ensure({ name: 'bad"name', indexes: [] })).rejects.toThrow("no name");
    });

    test("ensuring again keeps the documents and adds an index", async () => {
      await insert([thing("b", { color: "x" }), thing("a", { color: "y" })]);
      const more = { ...things(collection), indexes: [...things(collection).indexes, { name: "by_color", equals: [], sort: "color" }] };
      await store.ensure(more);
      await store.ensure(more);
      expect(ids(await store.query(collection, { index: "by_color", limit: 5 }))).toEqual(["b", "a"]);
    });

    test("a dropped collection is gone with its documents and may come back empty", async () => {
      await insert([thing("a", { tokens: ["x"] })]);
      expect(await store.collections()).toContain(collection);
      await store.drop(collection);
      expect(await store.collections()).not.toContain(collection);
      await store.drop(collection);
      await store.ensure(things(collection));
      expect(await store.get(collection, "a")).toBeNull();
      expect(await store.query(collection, { index: "by_title", tokens: ["x"], limit: 5 })).toEqual([]);
    });

    checkpointsContract(() => store);

    test("it says that it is well", async () => {
      expect(await store.health()).toMatchObject({ ok: true });
    });
  });
}
