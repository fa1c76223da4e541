import { describe, expect, it } from "@jest/globals";
import type { MetricSample } from "#reactions/ports.ts";
import { engineAway } from "#test/support/simulated-runtime.ts";
import { rig, rigForEach, world } from "./each.ts";
import { intervalMs } from "./rig.ts";

rigForEach();

describe("the monitor", () => {
  it("samples a running instance every interval and nothing else", async () => {
    const id = await rig.running("docker");
    const seen: MetricSample[] = [];
    const off = rig.monitor.onSample((sample) => { seen.push(sample); });
    await world.clock.run(10 * intervalMs);
    expect(seen.length).toBeGreaterThanOrEqual(9);
    expect(seen[0]).toMatchObject({ instance_id: id, healthy: true, cpu_percent: 12.5, memory_bytes: 64 * 2 ** 20 });
    expect(await world.metrics.latest([id])).toEqual([seen.at(-1)]);
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused");
    await world.clock.run(1_000);
    const { length } = seen;
    await world.clock.run(10 * intervalMs);
    expect(seen).toHaveLength(length);
    expect(rig.monitor.following).toBe(0);
    off();
  });

  it("writes health as events only when it turns: bad twice, good once", async () => {
    const id = await rig.running("docker");
    await world.clock.run(1_000);
    rig.http.ill.add(id);
    await world.clock.run(intervalMs + 1);
    expect(await rig.types(id)).not.toContain("HealthDegraded");
    await world.clock.run(10 * intervalMs);
    rig.http.ill.delete(id);
    await world.clock.run(10 * intervalMs);
    expect((await rig.types(id)).filter((type) => type.startsWith("Health"))).toEqual(["HealthDegraded", "HealthRecovered"]);
    expect((await rig.state(id)).status).toBe("running");
  });

  it("goes on while the engine has no figures", async () => {
    const id = await rig.running("docker");
    world.runtime.hook = ({ verb }) => { if (verb === "stats") throw engineAway(); };
    await world.clock.run(2 * intervalMs);
    expect(await world.metrics.latest([id])).toMatchObject([{ healthy: true, cpu_percent: null }]);
  });
});

describe("a full pass", () => {
  it("removes this installation's containers that no live instance owns, after a minute", async () => {
    const id = await rig.running("docker");
    const { spec } = world.runtime.of(id)[0] ?? {};
    if (spec === undefined) throw new Error("no container");
    const stray = "instance-00000000-0000-4000-8000-0000000000ff";
    await world.runtime.start({ ...spec, instance_id: stray });
    await rig.reconciler.fullPass();
    expect(world.runtime.of(stray)).toHaveLength(1);
    await world.clock.run(130_000);
    expect(world.runtime.of(stray)).toEqual([]);
    expect(world.runtime.of(id)).toHaveLength(1);
    expect(rig.maintenance.counters).toMatchObject({ orphans_removed: 1, failures: 0 });
  });

  it("removes the container of an attempt that a later one replaced", async () => {
    const id = await rig.running("docker");
    const { spec } = world.runtime.of(id)[0] ?? {};
    if (spec === undefined) throw new Error("no container");
    await world.runtime.start({ ...spec, attempt: 0 });
    await world.clock.run(130_000);
    expect(world.runtime.of(id).map((container) => container.spec.attempt)).toEqual([1]);
  });

  it("removes nothing while the event store is away", async () => {
    const id = await rig.running("docker");
    const { spec } = world.runtime.of(id)[0] ?? {};
    if (spec === undefined) throw new Error("no container");
    const stray = "instance-00000000-0000-4000-8000-0000000000ff";
    const read = world.store.read.bind(world.store);
    world.store.read = () => Promise.reject(new Error("away"));
    await world.runtime.start({ ...spec, instance_id: stray });
    await world.clock.run(200_000);
    expect(world.runtime.of(stray)).toHaveLength(1);
    world.store.read = read;
    await world.clock.run(130_000);
    expect(world.runtime.of(stray)).toEqual([]);
  });

  it("gives back a slot that an ended instance still holds", async () => {
    const { reserveSlot } = await import("#commands/capacity/slots.ts");
    const { capacity } = await import("#domain/capacity/capacity.ts");
    const { capacityStream } = await import("#domain/kernel/ids.ts");
    const agentId = await rig.registered("standard");
    const id = await rig.created(agentId);
    await rig.instances.terminate(id, "requested", rig.request());
    await rig.until(id, ({ status }) => status === "stopped");
    await world.clock.run(1_000);
    await rig.executor.execute(reserveSlot, { agent_id: agentId, instance_id: id, max_instances: 10 }, rig.request());
    await rig.reconciler.fullPass();
    await world.clock.run(1_000);
    expect((await rig.executor.state(capacity, capacityStream(agentId))).state.held.size).toBe(0);
  });
});

describe("maintenance", () => {
  it("runs every interval and removes what has expired", async () => {
    await world.system.put("task-result", "old", {}, world.clock.now() + 1_000);
    await world.metrics.record([{
      instance_id: "old", at: world.clock.now() - 8 * 24 * 3_600_000, cpu_percent: null, memory_bytes: null, memory_limit_bytes: null,
      network_rx_bytes: null, network_tx_bytes: null, healthy: true, response_ms: null,
    }]);
    await world.clock.run(180_000);
    expect(rig.maintenance.counters).toMatchObject({ runs: 4, entries_purged: 1 });
    expect(await world.system.list("task-result", "", 10)).toEqual([]);
    expect(await world.metrics.latest(["old"])).toEqual([]);
  });

  it("counts and logs what fails, and goes on", async () => {
    const purge = world.system.purge.bind(world.system);
    world.system.purge = () => Promise.reject(new Error("away"));
    await world.clock.run(60_000);
    expect(rig.maintenance.counters.failures).toBe(1);
    expect(rig.warnings).toEqual(["the removal of expired entries failed; the next round does it"]);
    world.system.purge = purge;
    await world.clock.run(60_000);
    expect(rig.maintenance.counters).toMatchObject({ runs: 3, failures: 1 });
  });
});
