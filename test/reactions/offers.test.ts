import { describe, expect, it } from "@jest/globals";
import { Refusal } from "#domain/kernel/errors.ts";
import type { InstanceWish } from "#reactions/services.ts";
import { engineAway } from "#test/support/simulated-runtime.ts";
import { rig, rigForEach, startAgain, world } from "./each.ts";
import { customer, publisher, submission } from "./rig.ts";

rigForEach();

const wish = (agent_id: string, instance_config: InstanceWish["instance_config"] = {}, currency = "USD"): InstanceWish =>
  ({ agent_id, customer: { account_id: customer, currency }, instance_config });

describe("registering an agent", () => {
  it("pins the content that the image names and keeps its secrets in the vault", async () => {
    const manifest = { docker: { image: "repo/agent:1", env: { TOKEN: "t0ken" }, configurable_env: ["MODEL"] } };
    const given = { ...submission("docker", manifest), credentials: { username: "u", password: "p4ss" } };
    const { state, changed } = await rig.agents.register(given, rig.request(publisher));
    expect(changed).toBe(true);
    expect(state.release?.docker).toMatchObject({ image: "repo/agent:1", image_digest: world.runtime.registry.get("repo/agent:1"), env_names: ["TOKEN"] });
    expect(await rig.vault.get(state.release?.secret_ref ?? "")).toMatchObject({ env: { TOKEN: "t0ken" }, credentials: { password: "p4ss" } });
    expect(JSON.stringify(await world.store.readAll())).not.toMatch(/t0ken|p4ss/);
  });

  it("changes nothing the second time, refuses other content under the same version, and takes a new version", async () => {
    const { state } = await rig.agents.register(submission("standard"), rig.request(publisher));
    const again = await rig.agents.register(submission("standard"), rig.request(publisher));
    expect([again.changed, again.state.agent_id]).toEqual([false, state.agent_id]);
    const other = submission("standard", { endpoint: "https://other.example.com" });
    await expect(rig.agents.register(other, rig.request(publisher))).rejects.toMatchObject({ code: "agent-already-registered" });
    const next = submission("standard", { endpoint: "https://other.example.com", version: "2.0.0" });
    expect((await rig.agents.publishVersion(state.agent_id, next, rig.request(publisher))).state.release?.version).toBe("2.0.0");
    const third = submission("standard", { version: "3.0.0" });
    expect(await rig.agents.register(third, rig.request(publisher))).toMatchObject({ changed: true, state: { agent_id: state.agent_id, release: { version: "3.0.0" } } });
    expect(await rig.types(state.agent_id)).toEqual(["AgentRegistered", "AgentVersionPublished", "AgentVersionPublished"]);
    const renamed = submission("standard", { name: "another", version: "3.0.0" });
    await expect(rig.agents.publishVersion(state.agent_id, renamed, rig.request(publisher))).rejects.toMatchObject({ code: "invalid-manifest" });
  });

  it("gives one id to a publisher's name however it is written", () => {
    const id = rig.agents.agentIdOf(publisher, "Café");
    expect(rig.agents.agentIdOf(publisher, "cafe\u0301")).toBe(id);
    expect(rig.agents.agentIdOf(customer, "Café")).not.toBe(id);
  });

  it("refuses an image that nobody serves, an engine that is away, and a submission without a place", async () => {
    const unknown = submission("docker", { docker: { image: "repo/nowhere:1" } });
    await expect(rig.agents.register(unknown, rig.request(publisher))).rejects.toMatchObject({ name: "Refusal", code: "image-not-found" });
    world.runtime.hook = () => { throw engineAway(); };
    await expect(rig.agents.register(submission("docker"), rig.request(publisher))).rejects.toMatchObject({ name: "Refusal", code: "runtime-unavailable" });
    await expect(rig.agents.register(submission("docker", { docker: {} }), rig.request(publisher))).rejects.toMatchObject({ code: "invalid-manifest" });
    await expect(rig.agents.register(submission("standard", { endpoint: undefined }), rig.request(publisher))).rejects.toMatchObject({ code: "invalid-manifest" });
  });
});

describe("deregistering an agent", () => {
  it("is refused while an instance is live; afterwards the name stays taken and the image goes", async () => {
    const agentId = await rig.registered("docker");
    const id = await rig.created(agentId);
    await expect(rig.agents.deregister(agentId, undefined, rig.request(publisher))).rejects.toMatchObject({ code: "agent-has-active-instances" });
    await rig.instances.terminate(id, "requested", rig.request());
    await rig.until(id, ({ status }) => status === "stopped");
    await world.clock.run(100);
    expect((await rig.agents.deregister(agentId, "old", rig.request(publisher))).state.status).toBe("deregistered");
    expect(world.runtime.images.size).toBe(0);
    await expect(rig.agents.register(submission("docker"), rig.request(publisher))).rejects.toMatchObject({ code: "agent-deregistered" });
    await expect(rig.instances.create(wish(agentId), rig.request())).rejects.toMatchObject({ code: "agent-deregistered" });
  });

  it("removes the images and secrets of every version, also when the process died over it", async () => {
    const agentId = await rig.registered("docker", { docker: { image: "repo/agent:1", env: { TOKEN: "first" } } });
    world.runtime.publish("repo/agent:2");
    const next = submission("docker", { version: "2.0.0", docker: { image: "repo/agent:2", env: { TOKEN: "second" } } });
    const { state: { release } } = await rig.agents.publishVersion(agentId, next, rig.request(publisher));
    world.runtime.hook = ({ verb }) => { if (verb === "removeImage") rig.kill(); };
    void rig.agents.deregister(agentId, undefined, rig.request(publisher));
    await world.clock.run(1_000);
    world.runtime.hook = () => undefined;
    await startAgain();
    await world.clock.run(1_000);
    expect(await rig.types(agentId)).toEqual(["AgentRegistered", "AgentVersionPublished", "AgentDeregistered"]);
    expect([...world.runtime.images.keys()]).toEqual([]);
    expect(await rig.vault.get(release?.secret_ref ?? "")).toBeNull();
  });

  it("is finished by the full pass when the process died in the middle", async () => {
    const agentId = await rig.registered("standard");
    const { closeCapacity } = await import("#commands/capacity/slots.ts");
    await rig.executor.execute(closeCapacity, { agent_id: agentId }, rig.request(publisher));
    await rig.reconciler.fullPass();
    expect(await rig.types(agentId)).toEqual(["AgentRegistered", "AgentDeregistered"]);
  });
});

describe("creating an instance", () => {
  it("refuses what the agent does not offer, before anything is written", async () => {
    const agentId = await rig.registered("docker", { limits: { max_instances: 1 }, resources: { memory: "256M", cpu: "0.5" }, docker: { image: "repo/agent:1", configurable_env: ["MODEL"] } });
    const before = (await world.store.readAll()).length;
    const refused = async (asked: InstanceWish): Promise<string> => {
      const error: unknown = await rig.instances.create(asked, rig.request()).catch((reason: unknown) => reason);
      return error instanceof Refusal ? error.code : String(error);
    };
    expect(await refused(wish("agent-00000000-0000-4000-8000-000000000000"))).toBe("agent-not-found");
    expect(await refused(wish(agentId, {}, "EUR"))).toBe("currency-mismatch");
    expect(await refused(wish(agentId, { memory_limit: "512M" }))).toBe("invalid-resources");
    expect(await refused(wish(agentId, { memory_limit: "lots" }))).toBe("invalid-resources");
    expect(await refused(wish(agentId, { cpu_limit: "2" }))).toBe("invalid-resources");
    expect(await refused(wish(agentId, { environment: { PATH: "/tmp" } }))).toBe("not-configurable");
    world.runtime.hook = ({ verb }) => { if (verb === "health") throw engineAway(); };
    expect(await refused(wish(agentId))).toBe("runtime-unavailable");
    world.runtime.hook = () => undefined;
    expect((await world.store.readAll()).length).toBe(before);
    await rig.created(agentId);
    expect(await refused(wish(agentId))).toBe("capacity-exhausted");
  });

  it("gives an operator more than the manifest allows", async () => {
    const agentId = await rig.registered("docker", { resources: { memory: "256M", cpu: "0.5" } });
    const { state } = await rig.instances.create({ ...wish(agentId, { memory_limit: "1G", cpu_limit: "2" }), may_raise: true }, rig.request());
    expect(state.request?.resources).toEqual({ memory_bytes: 2 ** 30, cpu: "2" });
    const unreadable = { ...wish(agentId, { memory_limit: "lots" }), may_raise: true };
    await expect(rig.instances.create(unreadable, rig.request())).rejects.toMatchObject({ code: "invalid-resources" });
  });

  it("takes less than the manifest allows", async () => {
    const agentId = await rig.registered("docker", { resources: { memory: "256M", cpu: "0.5" } });
    const id = await rig.created(agentId, { memory_limit: "128M", cpu_limit: "0.25" });
    expect(world.runtime.of(id)[0]?.spec.resources).toEqual({ memory_bytes: 128 * 2 ** 20, cpu: "0.25" });
  });

  it("answers a repeated request with the same instance, also when the agent is full by now", async () => {
    const agentId = await rig.registered("standard", { limits: { max_instances: 1 } });
    const first = await rig.instances.create(wish(agentId), rig.request(customer, "key"));
    const id = first.state.request?.instance_id ?? "";
    await rig.until(id, ({ status }) => status === "running");
    const again = await rig.instances.create(wish(agentId), rig.request(customer, "key"));
    expect([again.changed, again.state.request?.instance_id]).toEqual([false, id]);
    const other = { ...rig.request(customer, "key"), request_hash: "another request" };
    await expect(rig.instances.create(wish(agentId), other)).rejects.toMatchObject({ code: "idempotency-key-reused" });
  });

  it("keeps version and price of an instance when the agent moves on", async () => {
    const agentId = await rig.registered("docker");
    const id = await rig.created(agentId);
    world.runtime.publish("repo/agent:2");
    const next = submission("docker", { version: "2.0.0", docker: { image: "repo/agent:2" }, pricing: { type: "per_hour", price: "9" } });
    await rig.agents.publishVersion(agentId, next, rig.request(publisher));
    world.runtime.crash(id);
    await rig.until(id, ({ attempt }) => attempt === 2);
    expect(world.runtime.of(id)[0]?.spec.image).toBe(world.runtime.registry.get("repo/agent:1"));
    expect((await rig.state(id)).request?.price.price_per_hour).toBe("3.6");
  });
});

describe("waiting for an instance", () => {
  it("ends when it has left its passing status, or when the time is over", async () => {
    const agentId = await rig.registered("docker");
    const { state } = await rig.instances.create(wish(agentId), rig.request());
    const id = state.request?.instance_id ?? "";
    const settled = rig.instances.settled(id, 30_000);
    await world.clock.run(1_000);
    expect((await settled).state.status).toBe("running");
    expect((await rig.instances.settled(id, 30_000)).state.status).toBe("running");
    rig.http.allIll = true;
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused");
    await rig.instances.resume(id, rig.request());
    const late = rig.instances.settled(id, 5_000);
    await world.clock.run(5_000);
    expect((await late).state.status).toBe("resuming");
  });

  it("shows the container's output", async () => {
    const id = await rig.running("docker");
    const lines: string[] = [];
    for await (const { text } of rig.instances.logs(id, { tail: 10, follow: false, signal: new AbortController().signal })) lines.push(text);
    expect(lines).toEqual(["ready"]);
  });
});
