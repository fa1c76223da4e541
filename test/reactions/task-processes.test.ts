import { describe, expect, it } from "@jest/globals";
import { Tasks } from "#reactions/tasks.ts";
import { SimulatedDriver } from "#test/support/simulated-driver.ts";
import { rig, rigForEach, run, startAgain, usage, world } from "./each.ts";
import { customer } from "./rig.ts";

rigForEach();

describe("a process that ends", () => {
  it("gives its tasks their time, and cancels what takes longer", async () => {
    const id = await rig.running("standard");
    rig.http.behave = rig.http.taking(8_000);
    const quick = await run(id);
    const settled = rig.tasks.settle(10_000);
    await world.clock.run(8_000);
    await settled;
    expect((await quick.finished).view.status).toBe("completed");
    rig.http.behave = rig.http.taking(100_000);
    const slow = await run(id, { timeout_s: 200 });
    const given = rig.tasks.settle(10_000);
    await world.clock.run(10_000);
    await given;
    await rig.tasks.stop();
    expect((await slow.finished).view).toMatchObject({ status: "cancelled", execution_ms: 10_000 });
  });
});

describe("the same request at another process", () => {
  it("waits for the task that runs here and answers as it ended, without a second task", async () => {
    const id = await rig.running("standard");
    rig.http.behave = rig.http.taking(5_000, "answer");
    const first = await run(id, {}, "key");
    const drivers = { http: new SimulatedDriver("http", world.clock), acp: new SimulatedDriver("acp", world.clock) };
    const tasks = new Tasks({
      executor: rig.executor, tail: rig.tail, clock: world.clock, ids: rig.ids, system: world.system, drivers, self: "another", hash: (text) => text,
    });
    const second = await tasks.start(id, { endpoint: "/analyze", parameters: { text: "hi" } }, rig.request(customer, "key"));
    expect(second.task_id).toBe(first.task_id);
    await world.clock.run(5_000);
    expect((await second.finished).view).toMatchObject({ task_id: first.task_id, status: "completed", result: "answer" });
    expect(drivers.http.executed).toEqual([]);
    await tasks.stop();
  });

  it("is never told of an end whose result cannot be read: it is refused, or told that the task still runs", async () => {
    const id = await rig.running("standard");
    rig.http.behave = rig.http.taking(5_000, "answer");
    await run(id, {}, "key");
    const drivers = { http: new SimulatedDriver("http", world.clock), acp: new SimulatedDriver("acp", world.clock) };
    const system = { ...world.system, get: () => Promise.reject(new Error("away")) };
    const tasks = new Tasks({ executor: rig.executor, tail: rig.tail, clock: world.clock, ids: rig.ids, system, drivers, self: "another", hash: (text) => text });
    const start = () => tasks.start(id, { endpoint: "/analyze", parameters: { text: "hi" } }, rig.request(customer, "key"));
    const second = await start();
    await world.clock.run(5_000);
    expect((await second.finished).view.status).toBe("running");
    await expect(start()).rejects.toThrow("away");
    await tasks.stop();
  });

  it("is told of a task that nobody will end once it counts as lost", async () => {
    const id = await rig.running("standard");
    rig.http.behave = () => new Promise(() => undefined);
    const { task_id } = await run(id, { timeout_s: 20 }, "key");
    await rig.crash();
    await startAgain();
    const again = await run(id, { timeout_s: 20 }, "key");
    await world.clock.run(90_000);
    expect((await again.finished).view).toMatchObject({ task_id, status: "lost", failure: { code: "task-lost" } });
  });
});

describe("a process that only runs tasks", () => {
  it("closes its own connection to an agent when another process has paused the instance", async () => {
    const id = await rig.running("docker");
    const [http, acp] = [new SimulatedDriver("http", world.clock), new SimulatedDriver("acp", world.clock)];
    const tasks = new Tasks({
      executor: rig.executor, tail: rig.tail, clock: world.clock, ids: rig.ids, system: world.system, drivers: { http, acp }, self: "another", hash: (text) => text,
    });
    await http.connect({ instance_id: id, agent_id: "", address: "http://127.0.0.1:1", kind: "container", health_path: "/" });
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused");
    await world.clock.runUntil(() => !http.connected(id), 5_000, "the parting");
    expect(http.disconnects).toEqual([{ instance_id: id, reason: "paused" }]);
    await tasks.stop();
  });
});

describe("a task whose process is gone", () => {
  it("is lost once its deadline has passed, and does not hold up a pause", async () => {
    const id = await rig.running("standard");
    rig.http.behave = () => new Promise(() => undefined);
    await run(id, { timeout_s: 500 });
    await rig.crash();
    await startAgain();
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused", 5_000);
    expect(await rig.types(usage(id))).toEqual(["TaskAdmitted"]);
    await world.clock.run(600_000);
    expect(await rig.types(usage(id))).toEqual(["TaskAdmitted", "TaskLost"]);
  });
});
