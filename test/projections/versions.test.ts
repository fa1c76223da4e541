import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { dropPrevious, fillingOf, pointerOf } from "#projections/pointer.ts";
import type { ReadModels } from "#projections/ports.ts";
import { projection, type Projection } from "#projections/projection.ts";
import type { ProjectorOptions } from "#projections/projector-options.ts";
import { NotFolded, Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import { History, idOf } from "#test/support/history.ts";
import { until } from "#test/support/until.ts";

interface Opened { readonly opened: string; readonly keys: number; readonly since_v2?: string; readonly since_v3?: string }

/** One read model as three releases have it: each adds a field. */
const ofVersion = (version: number): Projection<Opened> => projection<Opened>({
  name: "opened", version, indexes: [{ name: "all", equals: [], sort: "opened" }, ...(version > 1 ? [{ name: "later", equals: ["since_v2"], sort: "opened" }] : [])],
  key: (event) => event.metadata.account,
  start: { AccountOpened: (event) => ({ opened: event.metadata.recorded_at, keys: 0, ...(version > 1 && { since_v2: "yes" }), ...(version > 2 && { since_v3: "yes" }) }) },
  on: { ApiKeyIssued: (document) => ({ ...document, keys: document.keys + 1 }) },
});
const [first, second, third] = [ofVersion(1), ofVersion(2), ofVersion(3)];

let store: ReadModels;
let history: History;
beforeEach(() => {
  store = openSqliteReadModels(":memory:");
  history = new History();
  for (let n = 1; n <= 20; n += 1) history.open(n);
});
afterEach(() => store.close());

const release = (of: Projection<Opened>, more: Partial<ProjectorOptions> = {}) =>
  new Projector({ models: store, feed: history.feed(), projections: [of], batch: 3, pause: () => Promise.resolve(), ...more });
const caughtUp = async (one: Projector): Promise<Projector> => {
  while (await one.step());
  return one;
};
const count = async (reader: Reader, of: Projection<Opened>): Promise<number> => (await reader.query(of, { index: "all", limit: 1000 })).length;
const seen = async (of: Projection<Opened>) => await new Reader(store).get(of, idOf("account", 1));
const pointer = () => pointerOf(store, "opened");
const end = () => history.events.at(-1)?.position ?? "";

describe("a new version of a read model", () => {
  test("is live at once where nothing was before, or only what is of another log", async () => {
    await release(second).open();
    expect(await pointer()).toMatchObject({ version: 2, live: "opened__v2", previous: null });
    await caughtUp(release(second));
    await release(third, { feed: history.feed("restored") }).open();
    expect(await pointer()).toMatchObject({ version: 3, live: "opened__v3" });
    expect(await seen(third)).toBeNull();
  });

  test("fills a collection of its own while readers keep the old one, whole and with its own position, until it has caught up", async () => {
    await caughtUp(release(first));
    const old = end();
    for (let n = 21; n <= 40; n += 1) history.open(n);
    const reader = new Reader(store);
    const next = release(second);
    await next.open();
    const versions = new Set<string | undefined>();
    for (let moved = true; moved;) {
      expect(await count(reader, second)).toBeGreaterThanOrEqual(20);
      versions.add((await reader.get(second, idOf("account", 1)))?.since_v2);
      if (fillingOf(second, await pointer()) !== null) expect(await reader.position([second], "store")).toBe(old);
      moved = await next.step();
    }
    expect(versions).toEqual(new Set([undefined, "yes"]));
    expect([await count(reader, second), await reader.position([second], "store")]).toEqual([40, end()]);
    expect(await pointer()).toMatchObject({ version: 2, live: "opened__v2", previous: "opened__v1", next: null });
    expect(await reader.query(second, { index: "later", equals: { since_v2: "yes" }, limit: 1 })).toHaveLength(1);
  });

  test("may ask the old collection by an index that it brought, and finds nothing by it yet", async () => {
    await caughtUp(release(first));
    const next = release(second);
    await next.open();
    const reader = new Reader(store);
    expect(await reader.query(second, { index: "later", equals: { since_v2: "yes" }, limit: 1 })).toEqual([]);
    expect(next.build("opened")).toMatchObject({ collection: "opened__v2", position: "" });
  });

  test("may need more than the old documents have: then readers are told to wait for it", async () => {
    await caughtUp(release(first));
    const next = release({ ...second, since: 2 });
    await next.open();
    const reader = new Reader(store);
    await expect(count(reader, { ...second, since: 2 })).rejects.toThrow(NotFolded);
    expect([await count(reader, second), await reader.position([{ ...second, since: 2 }], "store")]).toEqual([20, end()]);
    await caughtUp(next);
    expect(await count(reader, { ...second, since: 2 })).toBe(20);
  });

  test("goes on filling where it was killed, and begins anew what nobody had begun for it", async () => {
    await caughtUp(release(first));
    await store.ensure({ name: "opened__v2", indexes: [] });
    await store.write("opened__v2", [{ document: { _id: "stray", _v: end() }, expected: null }]);
    await store.saveCheckpoint({ name: "opened__v2", position: end(), store_id: "store", epoch: 1 });
    const killed = release(second, { epoch: 1 });
    for (let n = 0; n < 3; n += 1) await killed.step();
    const half = killed.build("opened")?.position;
    expect([half, await pointer()]).toMatchObject([(history.events[8] as { position: string }).position, { version: 1, next: "opened__v2" }]);
    const resumed = release(second, { epoch: 2 });
    await resumed.open();
    expect(resumed.build("opened")?.position).toBe(half);
    await caughtUp(resumed);
    expect(resumed.status()).toMatchObject([{ collection: "opened__v2", version: 2, events: history.events.length - 9 }]);
    expect(await new Reader(store).getMany(second, ["stray", idOf("account", 20)])).toMatchObject([{ since_v2: "yes" }]);
  });

  test("follows the collections of a release that kept no pointer", async () => {
    await store.ensure({ name: "opened__v1", indexes: first.indexes });
    await store.write("opened__v1", [{ document: { _id: "a", _v: end(), opened: "then", keys: 0 }, expected: null }]);
    await store.saveCheckpoint({ name: "opened__v1", position: end(), store_id: "store", epoch: 1 });
    const next = release(third);
    await next.open();
    expect(await pointer()).toMatchObject({ version: 1, live: "opened__v1", next: "opened__v3" });
    await caughtUp(next);
    expect(await pointer()).toMatchObject({ version: 3, live: "opened__v3", previous: "opened__v1" });
  });
});

describe("two releases side by side", () => {
  test("advance a collection each; the old one lets go of its own once readers have changed over", async () => {
    const old = await caughtUp(release(first, { epoch: 7 }));
    const next = release(second, { epoch: 1 });
    await next.step();
    history.open(21);
    await caughtUp(old);
    expect(await seen(second)).toMatchObject({ keys: 1 });
    expect(await seen(second)).not.toHaveProperty("since_v2");
    expect(await count(new Reader(store), second)).toBe(21);
    await old.review();
    expect(old.track("opened")?.collection).toBe("opened__v1");
    await caughtUp(next);
    await old.review();
    const left = end();
    history.open(22);
    await caughtUp(old);
    await caughtUp(next);
    expect([old.track("opened"), old.status()]).toEqual([undefined, []]);
    expect([await count(new Reader(store), first), await count(new Reader(store), second)]).toEqual([22, 22]);
    expect(await store.checkpoint("opened__v1")).toMatchObject({ position: left });
    // One of the old release that starts now leaves what readers use alone.
    const late = release(first, { epoch: 8 });
    await caughtUp(late);
    expect([late.track("opened"), late.build("opened"), await pointer()]).toMatchObject([undefined, null, { version: 2 }]);
  });

  test("change readers back to the old version when they are asked to, by the release that has it, and forward again", async () => {
    await caughtUp(release(first));
    const next = await caughtUp(release(second));
    history.open(21);
    await caughtUp(next);
    await expect(next.rebuild("opened", "previous")).rejects.toThrow("no collection of version 2 was live before opened__v2");
    const old = release(first, { epoch: 2 });
    const back = old.rebuild("opened", "previous");
    await until(() => old.build("opened") !== null);
    await caughtUp(old);
    await back;
    expect(await pointer()).toMatchObject({ version: 1, live: "opened__v1", previous: "opened__v2" });
    expect(await count(new Reader(store), second)).toBe(21);
    await next.review();
    expect(next.track("opened")).toBeUndefined();
    history.open(22);
    const again = await caughtUp(release(second, { epoch: 2 }));
    expect(again.status()).toMatchObject([{ collection: "opened__v2", events: 2 }]);
    expect(await pointer()).toMatchObject({ version: 2, live: "opened__v2", previous: "opened__v1" });
    expect(await dropPrevious(store, second)).toBe("opened__v1");
  });

  test("cannot undo each other's change: a rebuild or an older version that comes in late changes nothing", async () => {
    const old = await caughtUp(release(first));
    const late = old.rebuild("opened");
    await until(() => old.build("opened") !== null);
    const middle = release(second);
    await middle.open();
    await caughtUp(release(third));
    expect(await pointer()).toMatchObject({ version: 3, live: "opened__v3" });
    await caughtUp(old);
    await late;
    await caughtUp(middle);
    expect(await pointer()).toMatchObject({ version: 3, live: "opened__v3" });
    expect([old.build("opened"), middle.build("opened")]).toEqual([null, null]);
    expect((await store.collections()).filter((name) => name.startsWith("opened__"))).toEqual(["opened__v1", "opened__v3"]);
  });

  test("need no asking where only one process can be: readers follow the release that runs", async () => {
    await caughtUp(release(first, { alone: true }));
    await caughtUp(release(second, { alone: true }));
    history.open(21);
    await caughtUp(release(first, { alone: true }));
    expect(await pointer()).toMatchObject({ version: 1, live: "opened__v1", previous: "opened__v2" });
    await caughtUp(release(second, { alone: true }));
    expect(await pointer()).toMatchObject({ version: 2, live: "opened__v2", previous: "opened__v1" });
    expect(await count(new Reader(store), second)).toBe(21);
  });
});

describe("a reader", () => {
  test("stays on the old collection until the new one holds all that was said to be readable", async () => {
    const old = await caughtUp(release(first));
    const reader = new Reader(store);
    const next = release(second);
    await caughtUp(next);
    // Back to a time when nobody had changed over, and the old release's projector was ahead.
    await store.write("projections", [{ document: { ...await pointer(), _id: "opened", _v: "8", version: 1, live: "opened__v1", previous: null, next: "opened__v2" }, expected: (await pointer())?._v ?? "" }]);
    history.open(21);
    await caughtUp(old);
    expect(await count(reader, second)).toBe(21);
    reader.promise(end());
    await store.write("projections", [{ document: { ...await pointer(), _id: "opened", _v: "9", version: 2, live: "opened__v2", previous: "opened__v1", next: null }, expected: "8" }]);
    expect([await count(reader, second), reader.using("opened"), reader.changes]).toEqual([21, "opened__v1", 0]);
    expect(await count(new Reader(store), second)).toBe(20);
    await caughtUp(next);
    expect([await count(reader, second), reader.using("opened"), reader.changes]).toEqual([21, "opened__v2", 1]);
  });
});

describe("what is projected for several owners", () => {
  test("goes on but for the part that another one took over", async () => {
    const other: Projection<Opened> = { ...first, name: "other" };
    const one = release(first, { epoch: 1 });
    const letGo = await one.adopt([other], 1);
    await caughtUp(one);
    await release(first, { epoch: 2 }).open();
    history.open(21);
    const stop = new AbortController();
    const running = one.run(stop.signal);
    await until(() => one.track("other")?.position === end());
    stop.abort();
    await running;
    expect([one.track("opened"), one.track("other")?.position]).toEqual([undefined, end()]);
    await letGo();
    expect(one.track("other")).toBeUndefined();
  });
});
