import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { emptyMeter, measure } from "#domain/billing/meter.ts";
import { closeWorld, createWorld, Rig, type World } from "./rig.ts";

let world: World;
let rig: Rig;

beforeEach(async () => {
  world = await createWorld();
  rig = new Rig(world);
  await rig.start();
});

afterEach(async () => {
  await rig.stop();
  await closeWorld(world);
});

const isRunning = ({ status }: { status: string }): boolean => status === "running";

describe("a container that ends by itself", () => {
  it("is recorded with the engine's finish time and its exit code, then replaced by another attempt", async () => {
    const id = await rig.running("docker");
    await world.clock.run(5_000);
    const diedAt = world.clock.iso();
    world.runtime.crash(id, 42);
    await rig.until(id, ({ attempt }) => attempt === 2);
    expect((await rig.last(id, "InstanceExited"))?.data).toMatchObject({ ran_until: diedAt, exit_code: 42, out_of_memory: false });
    expect((await rig.state(id)).status).toBe("running");
    expect(world.runtime.of(id).map(({ spec, state }) => [spec.attempt, state])).toEqual([[2, "running"]]);
  });

  it("is recorded before the container is touched", async () => {
    const id = await rig.running("docker");
    const touched: string[][] = [];
    world.runtime.hook = async ({ verb }) => { if (verb === "remove" || verb === "start") touched.push(await rig.types(id)); };
    world.runtime.crash(id);
    await rig.until(id, ({ attempt }) => attempt === 2);
    expect(touched.length).toBeGreaterThan(0);
    for (const types of touched) expect(types).toContain("InstanceExited");
  });

  it("while it is being paused costs nothing from the pause on, and is restarted", async () => {
    const id = await rig.running("docker");
    rig.http.behave = rig.http.taking(8_000);
    await rig.tasks.start(id, { endpoint: "/x", parameters: {} }, rig.request());
    await world.clock.run(5_000);
    await rig.instances.pause(id, rig.request());
    await world.clock.run(2_000);
    world.runtime.crash(id);
    await rig.until(id, isRunning);
    expect(await rig.types(id)).toEqual(expect.arrayContaining(["PauseRequested", "PauseFailed", "InstanceExited", "InstanceRestarted"]));
    const [failed, exited] = [await rig.last(id, "PauseFailed"), await rig.last(id, "InstanceExited")];
    expect([exited?.revision, exited?.metadata.recorded_at]).toEqual([(failed?.revision ?? 0) + 1, failed?.metadata.recorded_at]);
  });

  it("comes back 1, 2, 4 and 8 s later and fails as a crash loop the fifth time", async () => {
    const id = await rig.running("docker");
    const pauses: number[] = [];
    for (let exits = 1; exits <= 4; exits += 1) {
      const before = world.clock.now();
      world.runtime.crash(id);
      await rig.until(id, ({ attempt }) => attempt === exits + 1);
      pauses.push(Math.floor((world.clock.now() - before) / 1000));
    }
    expect(pauses).toEqual([1, 2, 4, 8]);
    world.runtime.crash(id);
    const state = await rig.until(id, ({ status }) => status === "failed");
    expect(state.failure?.reason).toBe("crash-loop");
  });

  it("fails as out of memory when that is what keeps ending it", async () => {
    const id = await rig.running("docker");
    for (let exits = 1; exits <= 5; exits += 1) {
      world.runtime.crash(id, 137, true);
      await rig.until(id, ({ attempt, status }) => attempt === exits + 1 || status === "failed");
    }
    expect((await rig.state(id)).failure?.reason).toBe("out-of-memory");
  });

  it("may exit often as long as it is not often within ten minutes", async () => {
    const id = await rig.running("docker");
    for (let exits = 1; exits <= 8; exits += 1) {
      world.runtime.crash(id);
      await rig.until(id, ({ attempt }) => attempt === exits + 1);
      await world.clock.run(200_000);
    }
    expect((await rig.state(id)).status).toBe("running");
  });

  it("counts restarts that fail as exits", async () => {
    const id = await rig.running("docker");
    world.runtime.afterHook = ({ verb, subject }) => { if (verb === "start") world.runtime.crash(subject); };
    world.runtime.crash(id);
    const state = await rig.until(id, ({ status }) => status === "failed");
    expect(state.failure?.reason).toBe("crash-loop");
    expect(world.runtime.of(id).length).toBeLessThanOrEqual(1);
  });
});

describe("an engine that refuses to start what ran before", () => {
  it("is asked again for two minutes, and then the instance has failed", async () => {
    const { RuntimeError } = await import("#reactions/ports.ts");
    const id = await rig.running("docker");
    world.runtime.hook = ({ verb }) => { if (verb === "start") throw new RuntimeError("container-failed", "no free port"); };
    const diedAt = world.clock.now();
    world.runtime.crash(id);
    await world.clock.run(60_000);
    expect((await rig.state(id)).status).toBe("restarting");
    const state = await rig.until(id, ({ status }) => status === "failed");
    expect(state.failure).toEqual({ reason: "container-failed", detail: "no free port" });
    expect(world.clock.now() - diedAt).toBeGreaterThanOrEqual(120_000);
  });
});

describe("somebody else's hands on a container", () => {
  it("a removed container costs up to the last good probe and is replaced", async () => {
    const id = await rig.running("docker");
    await world.clock.run(100_000);
    const { good_at } = await world.system.get("proof", id, world.clock.now()) as { good_at: number };
    await world.clock.run(5_000);
    world.runtime.vanish(id);
    await rig.until(id, ({ attempt, status }) => attempt === 2 && status === "running");
    expect((await rig.last(id, "InstanceExited"))?.data).toMatchObject({ reason: "container-vanished", ran_until: new Date(good_at).toISOString() });
  });

  it("a container restarted by hand is noticed by its start time and replaced", async () => {
    const id = await rig.running("docker");
    await world.clock.run(50_000);
    world.runtime.restart(id);
    await rig.until(id, ({ attempt, status }) => attempt === 2 && status === "running");
    expect((await rig.last(id, "InstanceExited"))?.data).toMatchObject({ reason: "container-restarted" });
    expect(world.runtime.of(id)).toHaveLength(1);
  });
});

describe("a crash of AgentHub", () => {
  it("bills a container that kept running all the while and records nothing", async () => {
    const id = await rig.running("docker");
    await rig.crash();
    await world.clock.run(3_600_000);
    rig = new Rig(world, "process-2");
    await rig.start();
    await world.clock.run(60_000);
    expect(await rig.types(id)).toEqual(["InstanceRequested", "InstanceStarted"]);
    expect((await rig.state(id)).status).toBe("running");
  });

  it("takes the time in which nobody watched a remote agent out of the bill", async () => {
    const id = await rig.running("standard");
    await world.clock.run(100_000);
    const { seen_at } = await world.system.get("proof", id, world.clock.now()) as { seen_at: number };
    await rig.crash();
    await world.clock.run(3_600_000);
    rig = new Rig(world, "process-2");
    const bootedAt = world.clock.now();
    await rig.start();
    await world.clock.run(90_000);
    const gap = (await rig.last(id, "TimeUnproven"))?.data as { from: string; to: string };
    expect(gap.from).toBe(new Date(seen_at).toISOString());
    expect(Date.parse(gap.to)).toBeGreaterThanOrEqual(bootedAt);
    expect((await rig.types(id)).filter((type) => type === "TimeUnproven")).toHaveLength(1);
  });

  it.each(["pause", "terminate"] as const)("takes it out too when somebody asks to %s before anybody looked", async (verb) => {
    const id = await rig.running("standard");
    await world.clock.run(100_000);
    await rig.crash();
    await world.clock.run(3_600_000);
    rig = new Rig(world, "process-2");
    await rig.start();
    await (verb === "pause" ? rig.instances.pause(id, rig.request()) : rig.instances.terminate(id, "requested", rig.request()));
    expect((await rig.types(id)).slice(-2)).toEqual(["TimeUnproven", verb === "pause" ? "PauseRequested" : "TerminationRequested"]);
    const meter = (await world.store.read(id)).reduce((sum, event) => measure(sum, event), emptyMeter);
    expect(meter.months["2026-01"]?.clock_ms).toBeLessThanOrEqual(100_000);
    await world.clock.run(90_000);
    expect((await rig.types(id)).filter((type) => type === "TimeUnproven")).toHaveLength(1);
  });

  it("forgives a short absence", async () => {
    const id = await rig.running("standard");
    await world.clock.run(100_000);
    await rig.crash();
    await world.clock.run(20_000);
    rig = new Rig(world, "process-2");
    await rig.start();
    await world.clock.run(60_000);
    expect(await rig.types(id)).not.toContain("TimeUnproven");
  });

  it("finishes what was begun: a start, a pause and a termination", async () => {
    const agentId = await rig.registered("docker");
    const [pausing, ending] = [await rig.created(agentId), await rig.created(agentId)];
    await rig.crash();
    const { state } = await rig.instances.create({ agent_id: agentId, customer: { account_id: rig.request().account, currency: "USD" }, instance_config: {} }, rig.request());
    const starting = state.request?.instance_id ?? "";
    await rig.instances.pause(pausing, rig.request());
    await rig.instances.terminate(ending, "requested", rig.request());
    rig = new Rig(world, "process-2");
    await rig.start();
    await rig.until(starting, isRunning);
    await rig.until(pausing, ({ status }) => status === "paused");
    await rig.until(ending, ({ status }) => status === "stopped");
    expect(world.runtime.containers.size).toBe(2);
  });

  it("notices at boot that a container ended meanwhile, and when", async () => {
    const id = await rig.running("docker");
    await world.clock.run(10_000);
    await rig.crash();
    const diedAt = world.clock.iso();
    world.runtime.crash(id, 9);
    await world.clock.run(3_600_000);
    rig = new Rig(world, "process-2");
    await rig.start();
    await rig.until(id, ({ attempt, status }) => attempt === 2 && status === "running");
    expect((await rig.last(id, "InstanceExited"))?.data).toMatchObject({ ran_until: diedAt, exit_code: 9 });
  });
});
