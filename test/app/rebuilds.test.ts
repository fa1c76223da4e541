import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { progressOf } from "#app/rebuild-progress.ts";
import { RebuildRequests, type Served } from "#app/rebuilds.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { systemClock } from "#infra/system/clock.ts";
import { agents } from "#projections/agents.ts";
import { projections } from "#projections/index.ts";
import { pointers } from "#projections/pointer.ts";
import { collectionName, type Projection } from "#projections/projection.ts";
import { tasks } from "#projections/tasks.ts";
import { until } from "../support/until.ts";

const models = openSqliteReadModels(":memory:");
const system = openSqliteSystemStore(":memory:");
const warnings: string[] = [];
let ends: (() => Promise<void>)[] = [];
beforeEach(async () => { await models.ensure({ name: pointers, indexes: [] }); });
afterEach(async () => { for (const end of ends.splice(0)) await end(); });

const requests = new RebuildRequests({ projections, system, models, clock: systemClock, head: () => "0000000200", warn: (message) => warnings.push(message) });

/** A projector that notes what it is asked and builds for ever, or until told. */
function projector() {
  const asked: string[] = [];
  const finish = Promise.withResolvers<void>();
  const build = { collection: "agents__v1_1", position: "0000000050", events: 50, last_error: null };
  const stub = {
    rebuild: (name: string, how = "anew") => { asked.push(`${name} ${how}`); return finish.promise; },
    build: (name: string) => (name === "agents" ? build : null), review: () => Promise.resolve(),
  };
  return { asked, finish, stub };
}
const serve = (projector: Served["projector"], of: readonly Projection[] = projections) => { const end = requests.serve({ projector, projections: of }); ends.push(end); return end; };
const nothingWanted = () => until(async () => (await requests.wanted()).size === 0);

describe("rebuilds that are asked for", () => {
  it("are done once however often they are asked for, tell how far they are, and go on where a worker was killed", async () => {
    expect([await requests.ask("agents", "rebuild"), await requests.ask("agents", "rebuild")]).toEqual([true, false]);
    const first = projector();
    const killed = serve(first.stub);
    const told = await until(async () => (await requests.wanted()).get("agents")?.progress);
    expect(told).toMatchObject({ collection: "agents__v1_1", events: 50, percent: 25 });
    await killed();
    ends = [];
    const second = projector();
    serve(second.stub);
    await until(() => second.asked.length > 0);
    expect([first.asked, second.asked]).toEqual([["agents anew"], ["agents resumed"]]);
    second.finish.resolve();
    await nothingWanted();
  });
  it("count as done when another worker changed readers over before it was killed", async () => {
    await requests.ask("agents", "switch");
    await models.write(pointers, [{ document: { _id: "agents", _v: "1", version: 1, live: "agents__v1_1", previous: "agents__v1" }, expected: null }]);
    const { asked, stub } = projector();
    serve(stub);
    await nothingWanted();
    expect(asked).toEqual([]);
  });
  it("that cannot be done are let go of with a word", async () => {
    await requests.ask("instances", "switch");
    const { asked, finish, stub } = projector();
    serve(stub);
    finish.reject(new RangeError("nothing was live before"));
    await nothingWanted();
    expect(asked).toEqual(["instances previous"]);
    expect(warnings).toEqual([expect.stringContaining("nothing was live before")]);
  });
  it("wait for a worker of the release that has the version they are about, and may be taken back until one begins", async () => {
    const { asked, finish, stub } = projector();
    const kept = collectionName({ name: tasks.name, version: tasks.version + 1 });
    await models.write(pointers, [{ document: { _id: tasks.name, _v: "1", version: tasks.version, live: collectionName(tasks), previous: kept, next: null }, expected: null }]);
    expect(await requests.ask(tasks.name, "switch")).toBe(true);
    serve(stub);
    await requests.ask("agents", "switch");
    await until(() => asked.length > 0);
    expect((await requests.wanted()).get(tasks.name)).toMatchObject({ version: tasks.version + 1, begun: false });
    expect([await requests.withdraw(tasks), await requests.withdraw(agents)]).toEqual([true, false]);
    expect(asked).toEqual(["agents previous"]);
    finish.resolve();
    await nothingWanted();
  });
  it("are judged by their way through the log and the time it took", () => {
    expect(progressOf({ collection: "c", position: "0050", events: 1000 }, "0200", 2000)).toEqual({ collection: "c", events: 1000, events_per_second: 500, percent: 25, seconds_left: 6 });
    expect(progressOf({ collection: "c", position: "", events: 0 }, "0200", 0)).toMatchObject({ events_per_second: 0, percent: 0, seconds_left: null });
  });
});
