import { describe, expect, it } from "@jest/globals";
import { emptyMeter, measure } from "#domain/billing/meter.ts";
import { rig, rigForEach, startAgain, world } from "./each.ts";

rigForEach();

describe("a crash of AgentHub", () => {
  it("bills a container that kept running all the while and records nothing", async () => {
    const id = await rig.running("docker");
    await rig.crash();
    await world.clock.run(3_600_000);
    await startAgain();
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
    const bootedAt = world.clock.now();
    await startAgain();
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
    await startAgain();
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
    await startAgain();
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
    await startAgain();
    await rig.until(starting, ({ status }) => status === "running");
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
    await startAgain();
    await rig.until(id, ({ attempt, status }) => attempt === 2 && status === "running");
    expect((await rig.last(id, "InstanceExited"))?.data).toMatchObject({ ran_until: diedAt, exit_code: 9 });
  });
});
