import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { projections } from "#projections/index.ts";
import { instances } from "#projections/instances.ts";
import { parkedCollection } from "#projections/parked.ts";
import type { ReadModels } from "#projections/ports.ts";
import { collectionName, projection } from "#projections/projection.ts";
import { liveCollection } from "#projections/pointer.ts";
import { Reader } from "#projections/reader.ts";
import type { ProjectorOptions } from "#projections/projector-options.ts";
import { Projector } from "#projections/runner.ts";
import { History, idOf } from "#test/support/history.ts";
import { until } from "#test/support/until.ts";
import { histories } from "./histories.ts";

const opened: ReadModels[] = [];
/** Ids that were written, by store: no index lists every document of every read model. */
const written = new WeakMap<ReadModels, Set<string>>();
const models = (): ReadModels => {
  const store = openSqliteReadModels(":memory:");
  const ids = new Set<string>();
  const recording: ReadModels = {
    ...store,
    write: (collection, operations) => {
      for (const { document } of operations) ids.add(document._id);
      return store.write(collection, operations);
    },
  };
  opened.push(store);
  written.set(recording, ids);
  return recording;
};
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

const never = (_ms: number, signal: AbortSignal) => new Promise<void>((resolve) => {
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
});
const projector = (history: History, store: ReadModels, more: Partial<ProjectorOptions> = {}) =>
  new Projector({ models: store, feed: history.feed(), projections, pause: never, ...more });

async function catchUp(one: Projector): Promise<void> {
  while (await one.step());
}

async function contents(store: ReadModels): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const of of projections) {
    const documents = await new Reader(store).getMany(of, [...written.get(store) ?? []]);
    all[of.name] = documents.map((document) => JSON.stringify(document)).toSorted();
  }
  return all;
}

const lived = (): History => new History().open(1, ["publisher"]).open(2).register(1, 1)
  .request(1).after(2).started(1).after(60).task(1, 1, 1).degraded(1).after(5).recovered(1).after(10)
  .task(1, 2, 2, "fails").reported(1, "r1", "requests", "3").pauseRequested(1).after(1).paused(1).after(100)
  .resumeRequested(1).resumed(1).after(3600).task(1, 3, 1, "is cancelled").terminationRequested(1).after(2).terminated(1).release(1);

describe("a projector", () => {
  test("makes the same documents of any split into batches", async () => {
    await fc.assert(fc.asyncProperty(histories, fc.integer({ min: 1, max: 7 }), async (history, batch) => {
      const [whole, split] = [models(), models()];
      await catchUp(projector(history, whole));
      await catchUp(projector(history, split, { batch }));
      expect(await contents(split)).toEqual(await contents(whole));
    }), { numRuns: 25, seed: 20260110 });
  }, 120_000);

  test("changes nothing when it reads every event twice, as after a crash before the checkpoint", async () => {
    const store = models();
    const history = lived();
    await catchUp(projector(history, store));
    const before = await contents(store);
    expect(Object.values(before).every((documents) => documents.length > 0)).toBe(true);
    for (const of of projections)
      await store.saveCheckpoint({ name: await liveCollection(store, of), position: "", store_id: "store", epoch: 1 });
    const again = projector(history, store);
    await catchUp(again);
    expect(again.status().every((status) => status.events === history.events.length && status.parked === 0)).toBe(true);
    expect(await contents(store)).toEqual(before);
  });

  test("begins anew when the checkpoint is of another log", async () => {
    const store = models();
    await catchUp(projector(lived(), store));
    const other = new History().open(1, ["publisher"]).open(2).register(1, 1).request(2);
    await catchUp(new Projector({ models: store, feed: other.feed("restored"), projections, pause: never }));
    const reader = new Reader(store);
    expect(await reader.get(instances, idOf("instance", 1))).toBeNull();
    expect(await reader.get(instances, idOf("instance", 2))).toMatchObject({ status: "starting" });
  });

  test("rebuilds a projection beside the live one and changes readers over", async () => {
    const store = models();
    const history = lived();
    const one = projector(history, store, { batch: 3 });
    await catchUp(one);
    const before = await contents(store);
    const first = collectionName(instances);
    for (const round of [1, 2, 3]) {
      const done = one.rebuild("instances");
      await until(async () => {
        await catchUp(one);
        return (await liveCollection(store, instances)) === `${first}_${round}`;
      });
      await done;
      expect(one.status().some((status) => status.rebuilding)).toBe(false);
    }
    expect(await contents(store)).toEqual(before);
    expect((await store.collections()).filter((name) => name.startsWith("instances__")).toSorted()).toEqual([`${first}_2`, `${first}_3`]);
    history.live(1, (instance_id) => ({ type: "UsageDayOpened", data: { instance_id, day: "20260110" } }));
    await catchUp(projector(history, store));
    expect(await new Reader(store).get(instances, idOf("instance", 1))).toMatchObject({ state: { usage_days: ["20260110"] } });
  });

  test("parks what it cannot read or fold, and goes on", async () => {
    const store = models();
    const history = lived();
    const strange = history.events.length;
    history.push("instance-x", { type: "FromTheFuture", data: {} }, { account: idOf("account", 2) })
      .push("instance-x", { type: "InstancePaused", data: { instance_id: 7 } }, { account: idOf("account", 2) }).open(3);
    const brittle = projection<{ count: number }>({
      name: "brittle", version: 1, indexes: [{ name: "all", equals: [], sort: "count" }], key: () => "one",
      start: { AccountOpened: () => ({ count: 0 }) },
      on: {
        AccountOpened: (document) => ({ count: document.count + 1 }),
        InstanceStarted: () => { throw new Error("cannot"); },
      },
    });
    const one = projector(history, store, { projections: [...projections, brittle] });
    await catchUp(one);
    expect(await new Reader(store).get(brittle, "one")).toMatchObject({ count: 3 });
    const parked = await store.query(parkedCollection.name, { index: "all", limit: 10 });
    expect(parked.map(({ projection: name, type, reason }) => ({ name, type, reason }))).toEqual([
      { name: "brittle", type: "InstanceStarted", reason: "cannot" },
      { name: "*", type: "FromTheFuture", reason: "FromTheFuture is no event type that this release knows" },
      { name: "*", type: "InstancePaused", reason: "the data of InstancePaused does not fit it" },
    ]);
    expect(one.status().find(({ name }) => name === "brittle")).toMatchObject({ parked: 3, last_error: null });
    expect(history.events.length).toBe(strange + 4);
  });

  test("tries again when the read models fail, and lets readers wait for a position", async () => {
    const store = models();
    let failures = 5;
    const flaky: ReadModels = {
      ...store,
      write: async (collection, operations) => {
        if (collection.startsWith("instances__") && failures-- > 0) throw new Error("away");
        return store.write(collection, operations);
      },
    };
    const history = lived();
    const one = projector(history, flaky, { pause: async (ms, signal) => { if (ms >= 60_000) await never(ms, signal); } });
    const stop = new AbortController();
    const running = one.run(stop.signal);
    const last = (history.events.at(-1) as StoredEvent).position;
    expect(await one.waitUntil(last, 60_000)).toBe(true);
    expect(failures).toBeLessThan(1);
    expect(one.status().map((status) => [status.position, status.last_error])).toEqual(projections.map(() => [last, null]));
    await until(async () => (await new Reader(store).position(projections, "store")) === last);
    expect(await one.waitUntil("9999999999", 1)).toBe(false);
    stop.abort();
    await running;
  });

  test("leaves readers of a store that holds nothing yet, or that another process rebuilt, with true answers", async () => {
    const store = models();
    const reader = new Reader(store);
    expect(await reader.get(instances, idOf("instance", 1))).toBeNull();
    expect(await reader.position(projections, "store")).toBe("");
    const one = projector(lived(), store);
    await catchUp(one);
    const done = one.rebuild("instances");
    await until(async () => {
      await catchUp(one);
      return (await liveCollection(store, instances)) === `${collectionName(instances)}_1`;
    });
    await done;
    expect(await reader.query(instances, { index: "live", equals: { live: false }, limit: 5 })).toMatchObject([{ instance_id: idOf("instance", 1) }]);
  });

  test("stops when another one with a higher epoch has taken over", async () => {
    const store = models();
    const history = lived();
    const former = projector(history, store, { epoch: 1 });
    await former.open();
    await catchUp(projector(history, store, { epoch: 2 }));
    await expect(former.run(new AbortController().signal)).rejects.toMatchObject({ name: "Fenced" });
  });
});
