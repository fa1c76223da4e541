import { describe, expect, it } from "@jest/globals";
import { emptyMeter, measure } from "#domain/billing/meter.ts";
import { engineAway } from "#test/support/simulated-runtime.ts";
import { rig, rigForEach, startAgain, world } from "./each.ts";

rigForEach();

const isRunning = ({ status }: { status: string }): boolean => status === "running";
const isPaused = ({ status }: { status: string }): boolean => status === "paused";

/** AgentHub and the engine go down together and come up again after an hour. */
async function reboot(how: "stopped" | "lost power"): Promise<void> {
  await rig.crash();
  world.runtime.goDown(how);
  await world.clock.run(3_600_000);
  await startAgain();
}

/** An instance that is paused. */
async function paused(): Promise<string> {
  const id = await rig.running("docker");
  await world.clock.run(5_000);
  await rig.instances.pause(id, rig.request());
  await rig.until(id, isPaused);
  return id;
}

async function billedMs(id: string): Promise<number> {
  const meter = (await world.store.read(id)).reduce((sum, event) => measure(sum, event), emptyMeter);
  expect(meter.open_since === null || Date.parse(meter.open_since) <= world.clock.now()).toBe(true);
  return Object.values(meter.months).reduce((sum, { clock_ms }) => sum + clock_ms, 0);
}

describe("a reboot of the host", () => {
  it("starts again what ran, bills it until the engine stopped, and says why", async () => {
    const id = await rig.running("docker");
    await world.clock.run(70_000);
    const stoppedAt = world.clock.iso();
    await reboot("stopped");
    const state = await rig.until(id, ({ attempt, status }) => attempt === 2 && status === "running");
    expect((await rig.last(id, "InstanceExited"))?.data).toMatchObject({ reason: "engine-stopped", ran_until: stoppedAt, exit_code: 143 });
    expect(state.exits).toEqual([]);
    expect(world.runtime.of(id).map(({ spec, state: now }) => [spec.attempt, now])).toEqual([[2, "running"]]);
  });

  it("that came without warning bills no more than the last good look proves", async () => {
    const id = await rig.running("docker");
    await world.clock.run(100_000);
    const { good_at } = await world.system.get("proof", id, world.clock.now()) as { good_at: number };
    await reboot("lost power");
    await rig.until(id, ({ attempt, status }) => attempt === 2 && status === "running");
    const { data } = await rig.last(id, "InstanceExited") ?? {};
    expect(data).toMatchObject({ reason: "engine-stopped", ran_until: new Date(good_at).toISOString() });
    expect(data).not.toHaveProperty("exit_code");
  });

  it("is no crash of the agent, however often it happens", async () => {
    const id = await rig.running("docker");
    for (let attempt = 2; attempt <= 7; attempt += 1) {
      await rig.crash();
      world.runtime.goDown("stopped");
      await startAgain();
      await rig.until(id, (state) => state.attempt === attempt && state.status === "running");
    }
    expect((await rig.state(id)).exits).toEqual([]);
  });

  it("starts anew what was starting, also when the engine comes up after AgentHub", async () => {
    rig.http.allIll = true;
    const agentId = await rig.registered("docker");
    const { state } = await rig.instances.create({ agent_id: agentId, customer: { account_id: rig.request().account, currency: "USD" }, instance_config: {} }, rig.request());
    const id = state.request?.instance_id ?? "";
    await world.clock.run(30_000);
    expect(world.runtime.of(id)).toMatchObject([{ state: "running" }]);
    await rig.crash();
    world.runtime.goDown("lost power");
    world.runtime.hook = () => { throw engineAway(); };
    await startAgain();
    await world.clock.run(600_000);
    expect((await rig.state(id)).status).toBe("starting");
    world.runtime.hook = () => undefined;
    expect((await rig.until(id, ({ status }) => status !== "starting"))).toMatchObject({ status: "running", attempt: 2 });
    expect(await rig.types(id)).toEqual(["InstanceRequested", "InstanceStarted"]);
  });
});

describe("a paused instance whose container is gone", () => {
  it.each([
    ["with its engine", "engine-stopped", () => reboot("stopped")],
    ["for lack of power", "engine-stopped", () => reboot("lost power")],
    ["by somebody's hand", "container-vanished", async (id: string) => { world.runtime.vanish(id); }],
    ["by somebody's kill", "container-exited", async (id: string) => { world.runtime.crash(id, 137); }],
  ])("%s stays paused, and a resume starts it anew", async (_, reason, end) => {
    const id = await paused();
    const ms = await billedMs(id);
    await end(id);
    await world.clock.run(600_000);
    expect((await rig.state(id)).status).toBe("paused");
    await rig.instances.resume(id, rig.request());
    const settled = rig.instances.settled(id, 30_000);
    await rig.until(id, isRunning);
    expect((await settled).state).toMatchObject({ status: "running", attempt: 2, container_id: world.runtime.of(id)[0]?.container_id });
    expect((await rig.last(id, "InstanceExited"))?.data).toMatchObject({ reason });
    expect((await rig.types(id)).slice(-4)).toEqual(["ResumeRequested", "InstanceResumed", "InstanceExited", "InstanceRestarted"]);
    expect(world.runtime.of(id).map(({ spec, state }) => [spec.attempt, state])).toEqual([[2, "running"]]);
    expect(await billedMs(id)).toBe(ms);
  });

  it("can be terminated, and leaves nothing behind", async () => {
    const id = await paused();
    await reboot("stopped");
    await rig.instances.terminate(id, "requested", rig.request());
    await rig.until(id, ({ status }) => status === "stopped");
    expect(world.runtime.of(id)).toEqual([]);
  });

  it("was perhaps on its way into the pause: it is paused all the same", async () => {
    const id = await rig.running("docker");
    rig.http.behave = rig.http.taking(8_000);
    await rig.tasks.start(id, { endpoint: "/x", parameters: {} }, rig.request());
    await world.clock.run(1_000);
    await rig.instances.pause(id, rig.request());
    await world.clock.run(1_000);
    expect((await rig.state(id)).status).toBe("pausing");
    await reboot("stopped");
    await rig.until(id, isPaused);
    expect((await rig.types(id)).slice(-2)).toEqual(["PauseRequested", "InstancePaused"]);
    expect(world.runtime.count("pause")).toBe(0);
  });
});
