import { describe, expect, it } from "@jest/globals";
import { rig, rigForEach, startAgain, world } from "./each.ts";
import { customer, publisher, submission } from "./rig.ts";

rigForEach();

const hour = 3_600_000;
const docker = { image: "repo/agent:1", env: { TOKEN: "of the agent" }, configurable_env: ["KEY"] };
const secrets = async () => (await world.system.list("secret", "", 1000)).map(({ key }) => key);
const wish = (agent_id: string) => ({ agent_id, customer: { account_id: customer, currency: "USD" }, instance_config: { environment: { KEY: "secret" } } });

/** The process dies over the append of an event of this type. */
function dieAt(type: string): void {
  const append = world.store.append.bind(world.store);
  world.store.append = (...asked) => {
    const [, events] = asked;
    if (!events.some((event) => event.type === type)) return append(...asked);
    world.store.append = append;
    rig.kill();
    return new Promise(() => undefined);
  };
}

async function die(type: string, asked: () => Promise<unknown>): Promise<void> {
  const before = await secrets();
  dieAt(type);
  void asked();
  await world.clock.runUntil(async () => (await secrets()).length > before.length, 1_000, "the secret that is left");
  await world.clock.run(100);
  await startAgain();
}

describe("a secret that nothing refers to", () => {
  it("is removed an hour after it was first seen, when a crash came between it and its instance", async () => {
    const agentId = await rig.registered("docker", { docker });
    const id = await rig.created(agentId, { environment: { KEY: "in use" } });
    const inUse = await secrets();
    expect(inUse).toHaveLength(2);
    await die("InstanceRequested", () => rig.instances.create(wish(agentId), rig.request()));
    expect(await secrets()).toHaveLength(3);
    await world.clock.run(hour - 120_000);
    expect(await secrets()).toHaveLength(3);
    await world.clock.run(240_000);
    expect(await secrets()).toEqual(inUse);
    expect((await rig.state(id)).status).toBe("running");
    expect(rig.maintenance.counters.entries_purged).toBe(1);
  });

  it("is removed when the crash came between it and a version of an agent", async () => {
    await rig.registered("docker", { docker });
    const inUse = await secrets();
    await die("AgentVersionPublished", async () => {
      await rig.agents.register(submission("docker", { version: "2.0.0", docker: { ...docker, env: { TOKEN: "of the next" } } }), rig.request(publisher));
    });
    await world.clock.run(hour + 120_000);
    expect(await secrets()).toEqual(inUse);
  });

  it("stays when the same request comes again in time", async () => {
    const agentId = await rig.registered("docker", { docker });
    await die("InstanceRequested", () => rig.instances.create(wish(agentId), rig.request(customer, "key")));
    await world.clock.run(hour / 2);
    const { state } = await rig.instances.create(wish(agentId), rig.request(customer, "key"));
    await world.clock.run(2 * hour);
    expect(await secrets()).toContain(state.request?.secret_ref);
    expect(await rig.vault.get(state.request?.secret_ref ?? "")).toEqual({ KEY: "secret" });
  });

  it("is put back when it came into use over its removal", async () => {
    const agentId = await rig.registered("docker", { docker });
    await die("InstanceRequested", () => rig.instances.create(wish(agentId), rig.request(customer, "key")));
    await world.clock.run(hour / 2);
    const remove = world.system.remove.bind(world.system);
    const again = Promise.withResolvers<string>();
    world.system.remove = async (kind, key) => {
      if (kind === "secret") {
        world.system.remove = remove;
        again.resolve((await rig.instances.create(wish(agentId), rig.request(customer, "key"))).state.request?.secret_ref ?? "");
      }
      await remove(kind, key);
    };
    await world.clock.run(hour);
    const ref = await again.promise;
    await world.clock.run(60_000);
    expect(await rig.vault.get(ref)).toEqual({ KEY: "secret" });
  });
});
