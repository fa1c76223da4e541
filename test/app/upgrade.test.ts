import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { readConfig } from "#app/config.ts";
import { openStores, type Stores } from "#app/stores.ts";
import { projections } from "#projections/index.ts";
import { agents } from "#projections/agents.ts";
import { apiKeys } from "#projections/api-keys.ts";
import { instances } from "#projections/instances.ts";
import { collectionName, type Projection } from "#projections/projection.ts";
import { tasks } from "#projections/tasks.ts";
import { callerOf, startTestApp, type TestApp } from "#test/support/app.ts";
import { mongoAvailable, startTestMongo, type TestMongo } from "#test/support/mongodb.ts";
import { until } from "#test/support/until.ts";

interface Status { readonly name: string; readonly version: number; readonly status: string; readonly collection: string; readonly previous: string | null; readonly detail?: string; readonly progress?: { readonly collection: string } | null }

const patient = { timeout: 60_000 };

const changed: readonly string[] = [agents.name, apiKeys.name, instances.name, tasks.name];

/** Read models of the release after this one: each document has a field more. */
const later = (of: Projection): Projection => ({
  ...of, version: of.version + 1,
  fold: (document, event, id) => {
    const next = of.fold(document, event, id);
    return next === null || next === document ? next : { ...next, of_the_later_release: "yes" };
  },
});
const nextRelease = projections.map((of) => (changed.includes(of.name) ? later(of) : of));
const [before, after] = [tasks.version, tasks.version + 1];

/** Stores of a process whose new collections stay as they are, and the old ones another's, until it is let on. */
function held() {
  const open = Promise.withResolvers<void>();
  let free = false;
  const names = nextRelease.filter((of) => changed.includes(of.name)).map(collectionName);
  const readModels: Stores["readModels"] = { ...stores.readModels, write: async (name, operations) => {
    if (names.includes(name)) await open.promise;
    return await stores.readModels.write(name, operations);
  } };
  // However long this machine takes a rest: the old release's process must not lose the lease of what it alone can advance.
  const system: Stores["system"] = { ...stores.system, acquireLease: async (name, ...rest) => (name === "projections" && !free ? null : await stores.system.acquireLease(name, ...rest)) };
  return { stores: { ...stores, readModels, system }, fill: () => open.resolve(), takeOver: () => { free = true; } };
}

let stores: Stores;
let mongo: TestMongo | undefined;
const running: TestApp[] = [];
let earlier: TestApp | undefined;
const letThrough: (() => void)[] = [];
const watches: (() => Promise<string[]>)[] = [];

async function openThe(readModels: "sqlite" | "MongoDB"): Promise<void> {
  if (readModels === "MongoDB") mongo = await startTestMongo({ several: true });
  stores = await openStores(readConfig({ AGENTHUB_DATA_DIR: ":memory:", AGENTHUB_LOG_LEVEL: "silent", ...(mongo && { AGENTHUB_READ_MODELS: mongo.database() }) }));
}

/** One process of a release; its settings say whether others may be beside it. */
async function start(release: "this" | "next", settings: Readonly<Record<string, string>>, on = stores): Promise<TestApp> {
  const app = await startTestApp({
    settings, stores: { ...on, close: () => Promise.resolve() }, ...(release === "next" && { projections: nextRelease }),
    ...(earlier && { runtime: earlier.world.runtime, agent: earlier.world.agent, credentials: earlier.world.credentials }),
  });
  running.push(app);
  earlier ??= app;
  return app;
}

async function stop(app: TestApp): Promise<void> {
  running.splice(running.indexOf(app), 1);
  await app.close();
}

afterEach(async () => {
  for (const open of letThrough.splice(0)) open();
  for (const watched of watches.splice(0)) await watched();
  for (const app of running.splice(0)) await app.close();
  await stores.close();
  await mongo?.close();
  [mongo, earlier] = [undefined, undefined];
});

const statuses = async (app: TestApp): Promise<Status[]> => (await app.call("GET", "/admin/projections", { as: "operator" })).body.projections as Status[];
const one = async (app: TestApp, name: string): Promise<Status> => (await statuses(app)).find((status) => status.name === name) as Status;
const everyOne = (app: TestApp, holds: (status: Status) => boolean, what: string) => until(async () => (await statuses(app)).every(holds), { ...patient, what });
const onNew = ({ status, collection, version }: Status) => status === "live" && collection.endsWith(`__v${version}`);

async function executed(app: TestApp, instance: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1)
    expect((await app.call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/x", parameters: {} } })).status).toBe(200);
}
const tasksOf = async ({ call }: Pick<TestApp, "call">, instance: string): Promise<number> => {
  const { status, body } = await call("GET", `/marketplace/instances/${instance}/tasks?limit=100`);
  return status === 200 ? (body.tasks as unknown[]).length : -status;
};

/** Reads again and again until it is told to end; answers what was wrong with what it saw. */
function watch(app: TestApp, instance: string): () => Promise<string[]> {
  const call = callerOf(app.url, app.keys);
  const wrong: string[] = [];
  let [watching, most] = [true, 0];
  const reading = (async () => {
    while (watching) {
      const tasks = await tasksOf({ call }, instance);
      if (tasks < most) wrong.push(`${String(tasks)} tasks after ${String(most)}`);
      most = Math.max(most, tasks);
      for (const path of ["/marketplace/agents", "/marketplace/instances", `/marketplace/instances/${instance}`, "/marketplace/dashboard"]) {
        const { status, body } = await call("GET", path);
        const listed = (body.agents ?? body.instances) as unknown[] | undefined;
        if (status !== 200 || listed?.length === 0) wrong.push(`${path} answered ${String(status)} with ${String(listed?.length)}`);
      }
    }
  })();
  return async () => {
    watching = false;
    await reading;
    return wrong;
  };
}

const shared = { AGENTHUB_EVENT_STORE: "esdb://shared.invalid:2113", AGENTHUB_LEASE_TIME: "3s", AGENTHUB_READ_PATIENCE: "5m" };

describe.each(["sqlite", "MongoDB"] as const)("an upgrade while processes of both releases run, on %s", (kind) => {
  const test = kind === "sqlite" || mongoAvailable("an upgrade of read models in MongoDB") ? it : it.skip;
  beforeEach(async () => { await openThe(kind); }, 60_000);

  test("leaves readers of both with all that is there, all the time, and the old version can be restored", async () => {
    const old = await start("this", shared);
    const instance = await old.createInstance(await old.registerAgent());
    await executed(old, instance, 5);
    const { stores: its, fill, takeOver } = held();
    letThrough.push(fill);
    const next = await start("next", shared, its);
    watches.push(watch(old, instance), watch(next, instance));
    await until(async () => (await one(next, "tasks")).progress, { ...patient, what: "a new collection that is being filled" });
    expect(await one(next, "tasks")).toMatchObject({ version: after, collection: `tasks__v${before}`, detail: `readers use version ${before} until version ${after} has caught up`, progress: { collection: `tasks__v${after}` } });
    expect(await one(old, "tasks")).toMatchObject({ version: before, status: "live", collection: `tasks__v${before}` });
    expect((await next.call("POST", "/admin/projections/tasks/rebuild", { as: "operator", body: {} })).body.message).toContain("already");
    await executed(next, instance, 1);
    await executed(old, instance, 1);
    expect([await tasksOf(old, instance), await tasksOf(next, instance)]).toEqual([7, 7]);
    fill();
    await everyOne(next, onNew, "readers of the new release on the new collections");
    expect(await one(old, "tasks")).toMatchObject({ version: before, status: "live", collection: `tasks__v${after}`, detail: `readers use version ${after}, which only workers of the release that has it advance` });
    await executed(old, instance, 1);
    await executed(next, instance, 1);
    expect([await tasksOf(old, instance), await tasksOf(next, instance)]).toEqual([9, 9]);
    expect(await watches[0]?.()).toEqual([]);
    await stop(old);
    takeOver();
    await executed(next, instance, 1);
    expect(await tasksOf(next, instance)).toBe(10);

    for (const name of changed) expect((await next.call("POST", `/admin/projections/${name}/switch`, { as: "operator", body: {} })).status).toBe(202);
    expect(await one(next, "tasks")).toMatchObject({ status: "rebuilding", collection: `tasks__v${after}`, detail: `waits for a worker of the release that has version ${before}` });
    expect(await watches[1]?.()).toEqual([]);
    await stop(next);
    const back = await start("this", shared);
    const front = await start("next", { ...shared, AGENTHUB_ROLES: "api", AGENTHUB_READ_MODELS: "mongodb://shared.invalid/agenthub" });
    await everyOne(back, onNew, "readers on the old version's collections");
    expect(await one(front, "tasks")).toMatchObject({ version: after, collection: `tasks__v${before}`, previous: `tasks__v${after}` });
    await executed(front, instance, 1);
    expect([await tasksOf(back, instance), await tasksOf(front, instance)]).toEqual([11, 11]);
    await stop(back);
    await stop(front);
    // Whoever starts the newer release again goes forward again.
    const again = await start("next", shared);
    await everyOne(again, onNew, "readers on the new collections again");
    expect(await tasksOf(again, instance)).toBe(11);
  }, 300_000);
});

describe.each(["sqlite", "MongoDB"] as const)("an upgrade of the only process, on %s", (kind) => {
  const test = kind === "sqlite" || mongoAvailable("an upgrade of read models in MongoDB") ? it : it.skip;
  beforeEach(async () => { await openThe(kind); }, 60_000);

  test("shows what there was until all of it is folded anew, and says so to who asks for more", async () => {
    const old = await start("this", {});
    const instance = await old.createInstance(await old.registerAgent());
    await executed(old, instance, 5);
    await until(async () => await tasksOf(old, instance) === 5);
    const { stores: its, fill, takeOver } = held();
    letThrough.push(fill);
    takeOver();
    await stop(old);
    const next = await start("next", { AGENTHUB_READ_PATIENCE: "100ms" }, its);
    const paths = Object.entries((await next.call("GET", "/openapi.json")).body.paths as Record<string, { get?: unknown }>).flatMap(([path, { get }]) => (get === undefined || path === "/readyz" ? [] : [path]));
    const agent = (await next.call("GET", "/marketplace/agents")).body.agents[0].agent_id as string;
    for (const path of paths)
      for (const as of ["operator", "publisher", "customer"] as const) {
        const asked = path.replace(/\{(\w+)\}/g, (_, name: string) => (name.includes("agent") || path.includes("agents/{") ? agent : instance));
        expect({ asked, as, status: Math.floor((await next.call("GET", asked, { as })).status / 100) }).not.toMatchObject({ status: 5 });
      }
    expect(await tasksOf(next, instance)).toBe(5);
    await executed(next, instance, 1);
    const behind = await next.call("GET", `/marketplace/instances/${instance}/tasks`);
    expect([behind.status, behind.body.type]).toEqual([503, expect.stringContaining("read-model-behind")]);
    expect(await tasksOf({ call: callerOf(next.url, { ...next.keys, customer: next.keys.operator }) }, instance)).toBe(5);
    fill();
    await everyOne(next, onNew, "readers on the new collections");
    await until(async () => await tasksOf(next, instance) === 6, { ...patient, what: "what was written meanwhile" });
    await stop(next);
    const back = await start("this", {});
    // What the newer release left shows them all as well, until readers are led back.
    await everyOne(back, onNew, "readers of the old release on its own collections");
    expect(await tasksOf(back, instance)).toBe(6);
    expect(await one(back, "tasks")).toMatchObject({ version: before, collection: `tasks__v${before}`, previous: `tasks__v${after}` });
  }, 300_000);
});
