import { describe, expect, it } from "@jest/globals";
import { capacity } from "#domain/capacity/capacity.ts";
import { capacityStream } from "#domain/kernel/ids.ts";
import { engineAway } from "#test/support/simulated-runtime.ts";
import { rig, rigForEach, world } from "./each.ts";

rigForEach();

const held = async (agentId: string): Promise<number> => (await rig.executor.state(capacity, capacityStream(agentId))).state.held.size;

describe("an instance of a docker agent", () => {
  it("reserves a slot, pulls, starts its container and runs after a good probe", async () => {
    const id = await rig.running("docker");
    const state = await rig.state(id);
    expect(state.status).toBe("running");
    expect(state.address).toBe(`http://${id}.simulated:8000`);
    expect(world.runtime.of(id)).toHaveLength(1);
    expect(await held(state.request?.agent_id ?? "")).toBe(1);
    expect(await rig.types(id)).toEqual(["InstanceRequested", "InstanceStarted"]);
  });

  it("gets the manifest's environment, the customer's and AgentHub's own, and no event holds a value", async () => {
    const agentId = await rig.registered("docker", { docker: { image: "repo/agent:1", env: { TOKEN: "s3cret-value" }, configurable_env: ["MODEL"] } });
    const id = await rig.created(agentId, { environment: { MODEL: "large-model" } });
    const env = world.runtime.of(id)[0]?.spec.env ?? {};
    expect(env).toMatchObject({ TOKEN: "s3cret-value", MODEL: "large-model", AGENTHUB_AGENT_ID: agentId, AGENTHUB_INSTANCE_ID: id, AGENTHUB_AGENT_PORT: "8000", AGENTHUB_PROTOCOL: "http" });
    expect(JSON.parse(env["AGENTHUB_AGENT_METADATA"] ?? "null")).toMatchObject({
      name: "agent", version: "1.0.0", description: "", category: "general", protocol: "http", pricing: { type: "per_hour", price_per_hour: "3.6" },
      limits: { max_instances: 10 }, docker: { image: "repo/agent:1", port: 8000 },
    });
    const log = JSON.stringify(await world.store.readAll());
    expect(log).not.toContain("s3cret-value");
    expect(log).not.toContain("large-model");
  });

  it("fails to start when the image is gone from everywhere", async () => {
    const agentId = await rig.registered("docker");
    world.runtime.images.clear();
    world.runtime.registry.clear();
    const id = await rig.created(agentId);
    const state = await rig.state(id);
    expect([state.status, state.failure?.reason]).toEqual(["failed", "image-not-found"]);
    await world.clock.run(1_000);
    expect(await held(agentId)).toBe(0);
  });

  it("fails after 120 s without a good probe and keeps its stopped container for the logs", async () => {
    rig.http.allIll = true;
    const before = world.clock.now();
    const id = await rig.running("docker");
    expect((await rig.state(id)).failure).toEqual({
      reason: "start-timeout", detail: "The agent gave no good answer to its health check within 120 s: the health check answered 503.",
    });
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(120_000);
    await world.clock.run(1_000);
    expect(world.runtime.of(id)[0]?.state).toBe("exited");
  });

  it("does not count a slow pull into the start timeout", async () => {
    const agentId = await rig.registered("docker");
    world.runtime.images.clear();
    world.runtime.hook = async ({ verb }) => {
      if (verb === "pull") await new Promise<void>((resolve) => { world.clock.after(600_000, resolve); });
    };
    expect((await rig.state(await rig.created(agentId))).status).toBe("running");
  });

  it("fails to start when its container exits at once", async () => {
    world.runtime.afterHook = ({ verb, subject }) => { if (verb === "start") world.runtime.crash(subject, 3); };
    const id = await rig.running("docker");
    expect((await rig.state(id)).failure).toEqual({ reason: "container-exited", detail: "The container exited with code 3." });
  });

  it("is not failed because the engine is away", async () => {
    const agentId = await rig.registered("docker");
    world.runtime.hook = ({ verb }) => { if (verb !== "health") throw engineAway(); };
    const { state } = await rig.instances.create({ agent_id: agentId, customer: { account_id: rig.request().account, currency: "USD" }, instance_config: {} }, rig.request());
    const id = state.request?.instance_id ?? "";
    await world.clock.run(600_000);
    expect((await rig.state(id)).status).toBe("starting");
    world.runtime.hook = () => undefined;
    await rig.until(id, ({ status }) => status === "running");
    expect(world.runtime.of(id)).toHaveLength(1);
  });

  it("adopts its container when the answer to the start was lost", async () => {
    let lost = false;
    world.runtime.afterHook = ({ verb }) => {
      if (verb !== "start" || lost) return;
      lost = true;
      throw engineAway();
    };
    const id = await rig.running("docker");
    expect((await rig.state(id)).status).toBe("running");
    expect(world.runtime.of(id)).toHaveLength(1);
  });

  it("freezes on pause and runs on after resume, in the same container", async () => {
    const id = await rig.running("docker");
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused");
    expect(world.runtime.of(id)[0]?.state).toBe("paused");
    expect(rig.http.disconnects.map(({ instance_id }) => instance_id)).toContain(id);
    await rig.instances.resume(id, rig.request());
    await rig.until(id, ({ status }) => status === "running");
    expect(world.runtime.of(id)).toMatchObject([{ state: "running", spec: { attempt: 1 } }]);
  });

  it("runs on when the engine cannot freeze it", async () => {
    const id = await rig.running("docker");
    const { RuntimeError } = await import("#reactions/ports.ts");
    world.runtime.hook = ({ verb }) => { if (verb === "pause") throw new RuntimeError("container-failed", "cannot freeze"); };
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "running");
    expect(await rig.types(id)).toEqual(["InstanceRequested", "InstanceStarted", "PauseRequested", "PauseFailed"]);
  });

  it("goes back to paused when it does not answer after a resume", async () => {
    const id = await rig.running("docker");
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused");
    rig.http.allIll = true;
    await rig.instances.resume(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused");
    await world.clock.run(1_000);
    expect(await rig.types(id)).toContain("ResumeFailed");
    expect(world.runtime.of(id)[0]?.state).toBe("paused");
  });

  it("leaves nothing behind when it is terminated", async () => {
    const agentId = await rig.registered("docker", { docker: { image: "repo/agent:1", configurable_env: ["A"] } });
    const id = await rig.created(agentId, { environment: { A: "b" } });
    const ref = (await rig.state(id)).request?.secret_ref ?? "";
    expect(await rig.vault.get(ref)).toEqual({ A: "b" });
    await rig.instances.terminate(id, "requested", rig.request());
    await rig.until(id, ({ status }) => status === "stopped");
    await world.clock.run(1_000);
    expect(world.runtime.of(id)).toEqual([]);
    expect(await held(agentId)).toBe(0);
    expect(await rig.vault.get(ref)).toBeNull();
  });

  it("can be deleted after it failed, which removes the container that was kept", async () => {
    world.runtime.afterHook = ({ verb, subject }) => { if (verb === "start") world.runtime.crash(subject); };
    const id = await rig.running("docker");
    expect(world.runtime.of(id)).toHaveLength(1);
    await rig.instances.terminate(id, "requested", rig.request());
    await rig.until(id, ({ status }) => status === "stopped");
    expect(world.runtime.of(id)).toEqual([]);
  });
});

describe("an instance of a standard agent", () => {
  it("runs after a good probe without any container, pauses, resumes and ends", async () => {
    const id = await rig.running("standard");
    expect((await rig.state(id)).address).toBe("https://agent.example.com/base");
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused");
    await rig.instances.resume(id, rig.request());
    await rig.until(id, ({ status }) => status === "running");
    await rig.instances.terminate(id, "requested", rig.request());
    await rig.until(id, ({ status }) => status === "stopped");
    expect(world.runtime.count("start")).toBe(0);
  });

  it("is rejected when the last slot went to another in the meantime", async () => {
    const agentId = await rig.registered("standard", { limits: { max_instances: 1 } });
    const wish = { agent_id: agentId, customer: { account_id: rig.request().account, currency: "USD" }, instance_config: {} };
    const [first, second] = await Promise.all([rig.instances.create(wish, rig.request()), rig.instances.create(wish, rig.request())]);
    const ids = [first, second].map(({ state }) => state.request?.instance_id ?? "");
    for (const id of ids) await rig.until(id, ({ status }) => status !== "starting");
    const ends = await Promise.all(ids.map(async (id) => (await rig.state(id)).status));
    expect(ends.toSorted()).toEqual(["rejected", "running"]);
    expect(await held(agentId)).toBe(1);
  });
});
