import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { lookAround } from "#reactions/alerting.ts";
import { Alerts, type Condition, storedAlerts } from "#reactions/alerts.ts";
import { enginesAway, maintenanceFailing, projectionsLate, storesAway } from "#reactions/conditions.ts";
import { RecentFailures } from "#reactions/recent-failures.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { ManualClock } from "#test/support/manual-clock.ts";
import { bills } from "./bills.ts";

const away: Condition = { code: "engine-away", severity: "error", subject: "docker", words: "docker is away" };
const parked: Condition = { code: "events-parked", severity: "warning", subject: "tasks", words: "tasks passed over 1 event" };
const always = () => true;

let clock: ManualClock;
let system: SystemStore;
let lines: string[];
beforeEach(() => { clock = new ManualClock(); system = openSqliteSystemStore(":memory:"); lines = []; });
afterEach(() => system.close());

const log = {
  info: (words: string) => { lines.push(`info ${words}`); }, warn: (words: string) => { lines.push(`warn ${words}`); }, error: (words: string) => { lines.push(`error ${words}`); },
};
const alertsOf = (store = system) => new Alerts({ system: store, clock, log });
const at = () => new Date(clock.now()).toISOString();

describe("alerts", () => {
  it("are told once when they begin and once when they end, and keep the instant that they began at", async () => {
    const alerts = alertsOf();
    const since = at();
    alerts.settle([away, parked], always);
    await clock.run(60_000);
    alerts.settle([{ ...away, words: "docker is still away" }, parked], always);
    await alerts.save();
    expect(lines).toEqual(["error docker is away", "warn tasks passed over 1 event"]);
    expect(await storedAlerts(system)).toEqual([{ ...away, words: "docker is still away", since }, { ...parked, since }]);
    alerts.settle([parked], always);
    await alerts.save();
    expect(lines.slice(2)).toEqual(["info over: docker is still away"]);
    expect(await storedAlerts(system)).toEqual([{ ...parked, since }]);
  });

  it("are cleared only by a look that would have found them", () => {
    const alerts = alertsOf();
    alerts.settle([away], always);
    alerts.settle([], ({ code }) => code === "events-parked");
    expect(alerts.lasting).toMatchObject([away]);
  });

  it("outlive the process: a later one neither tells them again nor forgets when they began", async () => {
    const first = alertsOf();
    first.settle([away], always);
    await first.save();
    const since = at();
    await clock.run(60_000);
    const second = alertsOf();
    await second.load();
    second.settle([away], always);
    await second.save();
    expect(lines).toEqual(["error docker is away"]);
    expect(await storedAlerts(system)).toEqual([{ ...away, since }]);
    const third = alertsOf();
    await third.load();
    third.settle([], always);
    await third.save();
    expect(lines[1]).toBe("info over: docker is away");
    expect(await storedAlerts(system)).toEqual([]);
  });

  it("are told while the store is away, and stored once it is back", async () => {
    let there = false;
    const refuse = () => Promise.reject(new Error("away"));
    const flaky: SystemStore = Object.assign(Object.create(system) as SystemStore, {
      list: (...asked: Parameters<SystemStore["list"]>) => (there ? system.list(...asked) : refuse()),
      put: (...asked: Parameters<SystemStore["put"]>) => (there ? system.put(...asked) : refuse()),
    });
    const alerts = alertsOf(flaky);
    alerts.settle([away], always);
    await expect(alerts.save()).rejects.toThrow("away");
    expect(lines).toEqual(["error docker is away"]);
    there = true;
    await alerts.save();
    expect(await storedAlerts(system)).toMatchObject([away]);
  });
});

describe("conditions", () => {
  it("tell what does not answer, and why", () => {
    const health = { docker: { ok: true }, other: { ok: false, detail: "refused" } };
    expect(enginesAway(health)).toMatchObject([{ code: "engine-away", subject: "other", words: expect.stringMatching(/: refused$/) }]);
    expect(storesAway(health)).toMatchObject([{ code: "store-away", severity: "error", subject: "other" }]);
  });

  it("tell a read model that stopped, lags behind what was the log's end, or parked events; and none that is fine or only just behind", () => {
    const standing = { name: "tasks", position: "05", status: "live", parked: 0 };
    expect(projectionsLate([standing], "05", "60 s")).toEqual([]);
    expect(projectionsLate([standing], "06", "60 s")).toMatchObject([{ code: "projection-behind", subject: "tasks" }]);
    expect(projectionsLate([{ ...standing, status: "stopped", detail: "why", parked: 2 }], "", "60 s"))
      .toMatchObject([{ code: "projection-stopped", words: expect.stringContaining("why") }, { code: "events-parked", words: expect.stringContaining("2 events") }]);
  });

  it("tell what maintenance could not do, but not the containers of an engine that is away", () => {
    const failures = new Map([["the pass over the containers of docker", "refused"], ["the removal of old samples", "full"]]);
    expect(maintenanceFailing(failures, ["docker"]).map(({ subject }) => subject)).toEqual(["the removal of old samples"]);
    expect(maintenanceFailing(failures, [])).toHaveLength(2);
  });

  it("tell an agent of which three instances failed within the hour, not one that failed three times or long ago", async () => {
    const failures = new RecentFailures();
    const fail = (instance_id: string, reason = "crash-loop", type = "InstanceFailed") =>
      failures.observe({ type, data: { instance_id, reason }, metadata: { recorded_at: at() } } as unknown as StoredEvent);
    const look = () => failures.conditions(clock.now(), (ids) => Promise.resolve(new Map(ids.map((id) => [id, id.startsWith("a") ? "agent-a" : "agent-b"]))));
    for (const id of ["a1", "a2", "b1", "b1", "b1"]) fail(id);
    fail("a3", "crash-loop", "InstanceTerminated");
    expect(await look()).toEqual([]);
    fail("a3", "out-of-memory");
    expect(await look()).toEqual([{ code: "instances-failing", severity: "warning", subject: "agent-a", words: "3 instances of agent-a failed within an hour: crash-loop, out-of-memory" }]);
    await clock.run(3_600_001);
    expect(await look()).toEqual([]);
  });
});

describe("a look around", () => {
  it("clears a bill's alert when the bill was found to agree, and keeps what could not be looked at", async () => {
    const alerts = alertsOf();
    const { check, wrong, broken } = bills(["a", "b"], []);
    let engines: () => Promise<Condition[]> = () => Promise.resolve([away]);
    const failures = new Map<string, string>();
    const round = async () => {
      failures.clear();
      const attempt = async <T>(name: string, work: () => Promise<T>): Promise<T | undefined> => {
        try { return await work(); } catch (error) { failures.set(name, (error as Error).message); return undefined; }
      };
      const looked = await lookAround({ alerts, bills: check, looks: [{ name: "the look at engines", codes: ["engine-away"], find: () => engines() }] }, attempt, failures);
      return { ...looked, lasting: alerts.lasting.map(({ code, subject }) => `${code} ${subject}`).toSorted() };
    };
    wrong.add("b");
    expect(await round()).toEqual({ bills: 2, differing: 1, lasting: ["bill-differs b", "engine-away docker"] });
    engines = () => Promise.reject(new Error("unknown"));
    broken.add("b");
    expect((await round()).lasting).toEqual(["bill-differs b", "engine-away docker", "maintenance-failing the check of bills", "maintenance-failing the look at engines"]);
    engines = () => Promise.resolve([]);
    broken.clear();
    wrong.clear();
    expect((await round()).lasting).toEqual([]);
    expect(await storedAlerts(system)).toEqual([]);
  });
});
