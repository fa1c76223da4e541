import { describe, expect, it } from "@jest/globals";
import { capacity } from "#domain/capacity/capacity.ts";
import { holdsSlot } from "#domain/instance/transitions.ts";
import { capacityStream, usageStream } from "#domain/kernel/ids.ts";
import { usage } from "#domain/usage/usage.ts";
import { engineAway } from "#test/support/simulated-runtime.ts";
import { flush } from "#test/support/manual-clock.ts";
import { randomOf } from "#test/support/random.ts";
import { closeWorld, createWorld, Rig, type World } from "./rig.ts";

const steps = 150;
const maxInstances = 4;
const settled = new Set(["running", "paused", "failed", "stopped", "rejected"]);

/** A world in which everything goes wrong at times, and somebody who uses it without regard for that. */
class Chaos {
  readonly #world: World;
  readonly #random: () => number;
  readonly agents: string[] = [];
  readonly instances: string[] = [];
  rig: Rig;
  #runs = 1;
  #faults = 0;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#random = randomOf(seed);
    this.rig = new Rig(world);
  }

  async begin(): Promise<void> {
    await this.rig.start();
    for (const kind of ["docker", "standard"] as const)
      this.agents.push(await this.rig.registered(kind, { name: kind, limits: { max_instances: maxInstances } }));
    this.#world.runtime.hook = () => { if (this.#random() < this.#faults) throw engineAway(); };
    this.#world.runtime.afterHook = () => { if (this.#random() < this.#faults) throw engineAway(); };
  }

  async step(): Promise<void> {
    await this.#learn();
    this.#faults = this.#random() < 0.3 ? 0.3 : 0;
    const id = this.#pick(this.instances);
    const roll = this.#random();
    if (roll < 0.2) await this.#try(() => this.#create());
    else if (id !== undefined) await this.#act(id, roll);
    await this.#world.clock.run(Math.floor(this.#random() ** 3 * 40_000));
  }

  /** The troubles end, and everything gets the time to come to rest. */
  async heal(): Promise<void> {
    this.#faults = 0;
    await this.#learn();
    for (let round = 0; round < 40; round += 1) {
      await this.#world.clock.run(30_000);
      const states = await Promise.all(this.instances.map((id) => this.rig.state(id)));
      if (round > 10 && states.every(({ status }) => settled.has(status))) return;
    }
  }

  // Also what was begun by a process that died before it answered.
  async #learn(): Promise<void> {
    const requested = (await this.#world.store.readAll({ max: 100_000 })).filter(({ type }) => type === "InstanceRequested");
    this.instances.splice(0, this.instances.length, ...requested.map(({ stream }) => stream));
  }

  async #act(id: string, roll: number): Promise<void> {
    const { rig } = this;
    const { runtime } = this.#world;
    if (roll < 0.3) await this.#try(() => rig.instances.pause(id, rig.request()));
    else if (roll < 0.4) await this.#try(() => rig.instances.resume(id, rig.request()));
    else if (roll < 0.5) await this.#try(() => rig.instances.terminate(id, "requested", rig.request()));
    else if (roll < 0.7) await this.#try(() => this.#task(id));
    else if (roll < 0.78) runtime.crash(id, 1, this.#random() < 0.3);
    else if (roll < 0.82) runtime.vanish(id);
    else if (roll < 0.86) rig.http.ill[rig.http.ill.has(id) ? "delete" : "add"](id);
    else if (roll < 0.94) await this.#reboot();
    else if (roll < 0.96) runtime.goDown(this.#random() < 0.5 ? "stopped" : "lost power");
  }

  async #reboot(): Promise<void> {
    const { rig } = this;
    const id = this.#pick(this.instances) ?? "";
    const operations = [
      () => this.#create(), () => this.#task(id), () => rig.instances.pause(id, rig.request()), () => rig.instances.resume(id, rig.request()),
      () => rig.instances.terminate(id, "requested", rig.request()),
    ];
    for (let some = 0; some < 2; some += 1) void this.#pick(operations)?.().catch(() => undefined);
    if (this.#random() < 0.5) this.#world.runtime.crash(id);
    // Somewhere in the middle of what that leads to.
    for (let ticks = Math.floor(this.#random() * 120); ticks > 0; ticks -= 1) await Promise.resolve();
    await flush(Math.floor(this.#random() * 4));
    rig.kill();
    if (this.#random() < 0.2) this.#world.runtime.goDown("lost power");
    await this.#world.clock.run(Math.floor(this.#random() ** 4 * 600_000));
    this.#runs += 1;
    this.rig = new Rig(this.#world, `process-${this.#runs}`);
    await this.rig.start();
  }

  async #create(): Promise<void> {
    const { rig } = this;
    const wish = { agent_id: this.#pick(this.agents) ?? "", customer: { account_id: rig.request().account, currency: "USD" }, instance_config: {} };
    await rig.instances.create(wish, rig.request());
  }

  async #task(id: string): Promise<void> {
    const { rig } = this;
    rig.http.behave = rig.http.taking(Math.floor(this.#random() * 50_000));
    await rig.tasks.start(id, { endpoint: "/work", parameters: {}, timeout_s: 20 }, rig.request());
  }

  // A refusal is an answer; an operation of a process that dies under it has none.
  async #try(operation: () => Promise<unknown>): Promise<void> {
    let over = false;
    void operation().catch(() => undefined).finally(() => { over = true; });
    for (let round = 0; round < 50 && !over; round += 1) await flush(1);
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }
}

describe("after any mixture of requests, faults and crashes", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("slots, containers and tasks are what the events say (seed %i)", async (seed) => {
    const world = await createWorld();
    const chaos = new Chaos(world, seed);
    await chaos.begin();
    for (let step = 0; step < steps; step += 1) await chaos.step();
    await chaos.heal();
    const { rig } = chaos;

    const live = new Map<string, string[]>(chaos.agents.map((agent) => [agent, []]));
    for (const id of chaos.instances) {
      const { status, request, usage_days } = await rig.state(id);
      expect(settled).toContain(status);
      if (request !== null && holdsSlot(status)) live.get(request.agent_id)?.push(id);
      const containers = world.runtime.of(id).map(({ state }) => state);
      const paused = containers.filter((state) => state === "paused" || state === "exited").slice(0, 1);
      const wanted = { running: ["running"], paused, failed: containers.slice(0, 1).map(() => "exited") }[status as "running"] ?? [];
      expect([id, status, containers]).toEqual([id, status, request?.release.type === "docker" ? wanted : []]);
      for (const day of usage_days) expect([...(await rig.executor.state(usage, usageStream(id, day))).state.open]).toEqual([]);
    }
    for (const [agent, ids] of live) {
      const { held } = (await rig.executor.state(capacity, capacityStream(agent))).state;
      expect([...held].toSorted()).toEqual(ids.toSorted());
      expect(held.size).toBeLessThanOrEqual(maxInstances);
    }
    expect(chaos.instances.length).toBeGreaterThan(5);
    await rig.stop();
    await closeWorld(world);
  });
});
