import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { readConfig } from "#app/config.ts";
import { Leftovers } from "#app/leftovers.ts";
import { openStores, type Stores } from "#app/stores.ts";
import { Unavailable } from "#commands/ports.ts";
import { projections } from "#projections/index.ts";
import { pointerOf, pointers } from "#projections/pointer.ts";
import { collectionName, projection, type Projection } from "#projections/projection.ts";
import { Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import { tasks } from "#projections/tasks.ts";
import { Fenced } from "#projections/track.ts";
import { startTestApp, type TestApp } from "#test/support/app.ts";
import { History } from "#test/support/history.ts";
import { until } from "#test/support/until.ts";

const ofVersion = (version: number): Projection<{ opened: string }> => projection<{ opened: string }>({
  name: "opened", version, indexes: [{ name: "all", equals: [], sort: "opened" }], key: (event) => event.metadata.account,
  start: { AccountOpened: (event) => ({ opened: event.metadata.recorded_at }) }, on: {},
});
const [first, second, third] = [ofVersion(1), ofVersion(2), ofVersion(3)];

let stores: Stores;
beforeEach(async () => { stores = await openStores(readConfig({ AGENTHUB_DATA_DIR: ":memory:" })); });
afterEach(() => stores.close());

describe("collections of versions that were given up while they were filled", () => {
  let now = 1_000_000;
  const history = new History();
  for (let n = 1; n <= 20; n += 1) history.open(n);
  const forgotten: string[] = [];
  const release = (of: Projection<{ opened: string }>, models = stores.readModels, epoch = 1) =>
    new Projector({ models, feed: history.feed(), projections: [of], epoch, batch: 3, pause: () => Promise.resolve() });
  const caughtUp = async (one: Projector): Promise<void> => { while (await one.step()); };
  const through = async (one: Projector, work: Promise<void>): Promise<void> => {
    let done = false;
    void work.then(() => { done = true; });
    while (!done) await one.step();
  };
  const remove = () => new Leftovers({
    projections: [third], models: stores.readModels, system: stores.system, filling: { forget: async (name) => { forgotten.push(name); } },
    clock: { now: () => now }, storeId: "store", owner: "tidying", settled: () => true,
  }).remove();
  const pointer = () => pointerOf(stores.readModels, "opened");
  const there = async () => (await stores.readModels.collections()).filter((name) => name.startsWith("opened__"));
  /** A worker of the second release that begins, and is never seen again. */
  const giveUp = async (): Promise<void> => {
    const filling = release(second);
    for (let n = 0; n < 2; n += 1) await filling.step();
  };

  it("go once readers are past them; what a pointer names stays", async () => {
    await caughtUp(release(first));
    await giveUp();
    expect([await remove(), await there()]).toEqual([[], ["opened__v1", "opened__v2"]]);
    await caughtUp(release(third));
    expect(await pointer()).toMatchObject({ version: 3, live: "opened__v3", previous: "opened__v1", next: null });
    expect(await there()).toEqual(["opened__v1", "opened__v2", "opened__v3"]);
    expect([await remove(), await there()]).toEqual([["opened__v2"], ["opened__v1", "opened__v3"]]);
    expect([forgotten, await remove()]).toEqual([["opened__v2"], []]);
    expect(await new Reader(stores.readModels).query(third, { index: "all", limit: 100 })).toHaveLength(20);
  });

  it("stay while readers may still go over to them, though no pointer names them", async () => {
    await caughtUp(release(first));
    await giveUp();
    const old = release(first);
    await old.open();
    await through(old, old.rebuild("opened"));
    expect(await pointer()).toMatchObject({ version: 1, live: "opened__v1_1", previous: "opened__v1", next: null });
    expect([await remove(), await there()]).toEqual([[], ["opened__v1", "opened__v1_1", "opened__v2"]]);
  });

  it("stay while somebody has the lease of their version, and go when it has run out", async () => {
    await caughtUp(release(first));
    await giveUp();
    await caughtUp(release(third));
    await stores.system.acquireLease("projections-opened-v2", "a worker of the second release", 15_000, now);
    expect(await remove()).toEqual([]);
    now += 20_000;
    expect(await remove()).toEqual(["opened__v2"]);
    expect(await stores.system.acquireLease("projections-opened-v2", "another worker of it", 15_000, now)).toEqual({ epoch: 3 });
  });

  it("are never gone over to by a worker that had filled one, stood still, and wakes up when readers were switched back", async () => {
    let asleep = true;
    const models: Stores["readModels"] = { ...stores.readModels, write: async (name, operations) => {
      if (asleep && name === pointers && operations[0]?.document["live"] === "opened__v2") throw new Unavailable("asleep");
      return await stores.readModels.write(name, operations);
    } };
    await caughtUp(release(first));
    const { epoch } = await stores.system.acquireLease("projections-opened-v2", "sleeper", 15_000, now) ?? { epoch: 0 };
    const sleeper = release(second, models, epoch);
    await expect(caughtUp(sleeper)).rejects.toThrow("asleep");
    await caughtUp(release(third));
    now += 20_000;
    expect(await remove()).toEqual(["opened__v2"]);
    const old = release(first);
    await through(old, old.rebuild("opened", "previous"));
    expect(await pointer()).toMatchObject({ version: 1, live: "opened__v1" });
    asleep = false;
    await expect(sleeper.step()).rejects.toThrow(Fenced);
    expect(await pointer()).toMatchObject({ version: 1, live: "opened__v1" });
    expect(await new Reader(stores.readModels).query(first, { index: "all", limit: 100 })).toHaveLength(20);
  });
});

describe("the application", () => {
  const later = (by: number) => projections.map((of) => (of.name === tasks.name ? { ...of, version: of.version + by } : of));
  const named = (by: number): string => collectionName({ name: tasks.name, version: tasks.version + by });
  const start = (release: readonly Projection[], before?: TestApp, readModels = stores.readModels): Promise<TestApp> => startTestApp({
    projections: release, stores: { ...stores, readModels, close: () => Promise.resolve() }, settings: { AGENTHUB_MAINTENANCE_INTERVAL: "100ms" },
    ...(before && { runtime: before.world.runtime, agent: before.world.agent, credentials: before.world.credentials }),
  });
  const there = async (): Promise<readonly string[]> => (await stores.readModels.collections()).filter((name) => name.startsWith(`${tasks.name}__v`));

  it("removes in its maintenance what a release left that was given up, and serves as before", async () => {
    const old = await start(projections);
    const instance = await old.createInstance(await old.registerAgent());
    expect((await old.call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/x" } })).status).toBe(200);
    await old.close();
    const stuck: Stores["readModels"] = { ...stores.readModels, write: (name, operations) => (name === named(1) ? Promise.reject(new Unavailable("away")) : stores.readModels.write(name, operations)) };
    const given = await start(later(1), old, stuck);
    await until(async () => (await there()).includes(named(1)), { timeout: 60_000, what: "a collection that is being filled" });
    await given.close();
    const next = await start(later(2), old);
    try {
      await until(async () => (await pointerOf(stores.readModels, tasks.name))?.live === named(2), { timeout: 60_000, what: "readers on the version after it" });
      await until(async () => !(await there()).includes(named(1)), { timeout: 60_000, what: "the leftover to go" });
      expect([...await there()].toSorted()).toEqual([named(0), named(2)].toSorted());
      expect((await next.call("GET", `/marketplace/instances/${instance}/tasks`)).body.tasks).toHaveLength(1);
    } finally {
      await next.close();
    }
  });
});
