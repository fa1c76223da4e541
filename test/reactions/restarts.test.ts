import { describe, expect, it } from "@jest/globals";
import { rig, rigForEach, world } from "./each.ts";

rigForEach();

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
