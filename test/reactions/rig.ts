import { createHash } from "node:crypto";
import { Executor, type CommandRequest } from "#commands/execute.ts";
import type { EventStore } from "#commands/ports.ts";
import { Tail } from "#commands/tail.ts";
import { type ManifestInput, manifestInput } from "#domain/agent/manifest.ts";
import { instance, type InstanceState } from "#domain/instance/instance.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteMetrics } from "#infra/sqlite/metrics.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { Agents } from "#reactions/agents.ts";
import { Instances } from "#reactions/instances.ts";
import type { Log } from "#reactions/log.ts";
import { limits } from "#reactions/limits.ts";
import { Maintenance } from "#reactions/maintenance.ts";
import { Monitor } from "#reactions/monitor.ts";
import type { ContainerRuntime, Metrics, SystemStore, Vault } from "#reactions/ports.ts";
import { Proofs } from "#reactions/proofs.ts";
import { Reconciler } from "#reactions/reconciler.ts";
import { SecretSweep } from "#reactions/secret-sweep.ts";
import type { AgentSubmission, InstanceWish } from "#reactions/services.ts";
import { Tasks } from "#reactions/tasks.ts";
import { unprovenTime } from "#reactions/unproven.ts";
import { SimulatedDriver } from "#test/support/simulated-driver.ts";
import { CountingIds } from "#test/support/counting-ids.ts";
import { SimulatedRuntime } from "#test/support/simulated-runtime.ts";
import { ManualClock, MortalClock } from "#test/support/manual-clock.ts";
import { mortal } from "#test/support/mortal.ts";

/** What survives a crash of the process. */
export interface World {
  readonly clock: ManualClock;
  readonly store: EventStore;
  readonly system: SystemStore;
  readonly metrics: Metrics & { close(): Promise<void> };
  readonly runtime: SimulatedRuntime;
}

export const publisher = "account-00000000-0000-4000-8000-00000000000a";
export const customer = "account-00000000-0000-4000-8000-00000000000b";
export const intervalMs = 30_000;

export async function createWorld(): Promise<World> {
  const clock = new ManualClock();
  const runtime = new SimulatedRuntime(clock);
  runtime.publish("repo/agent:1");
  const store = await openSqliteEventStore(":memory:");
  return { clock, runtime, store, system: openSqliteSystemStore(":memory:", store.entries), metrics: openSqliteMetrics(":memory:") };
}

export async function closeWorld(world: World): Promise<void> {
  await world.store.close();
  await world.metrics.close();
  await world.system.close();
}

function vaultOver(system: SystemStore): Vault {
  return {
    put: (ref, secret) => system.put("secret", ref, secret), get: (ref) => system.get("secret", ref, 0), remove: (ref) => system.remove("secret", ref),
  };
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** One process over a world: every reaction with simulated parts. */
export class Rig {
  readonly world: World;
  readonly ids: CountingIds;
  readonly executor: Executor;
  readonly tail: Tail;
  readonly http: SimulatedDriver;
  readonly acp: SimulatedDriver;
  readonly vault: Vault;
  readonly agents: Agents;
  readonly instances: Instances;
  readonly tasks: Tasks;
  readonly monitor: Monitor;
  readonly reconciler: Reconciler;
  readonly maintenance: Maintenance;
  readonly warnings: string[] = [];
  readonly #clock: MortalClock;
  #alive = true;

  constructor(world: World, self = "process-1") {
    const alive = (): boolean => this.#alive;
    const [store, system, metrics] = [mortal(world.store, alive), mortal(world.system, alive), mortal(world.metrics, alive)];
    const runtime = mortal<ContainerRuntime>(world.runtime, alive);
    this.world = world;
    this.#clock = new MortalClock(world.clock);
    const clock = this.#clock;
    this.ids = new CountingIds(self);
    const ids = this.ids;
    this.executor = new Executor({ store, clock, ids, singleWriter: true });
    const executor = this.executor;
    this.tail = new Tail(store, clock);
    const tail = this.tail;
    this.http = new SimulatedDriver("http", clock);
    this.acp = new SimulatedDriver("acp", clock);
    const drivers = { http: this.http, acp: this.acp };
    for (const driver of Object.values(drivers))
      driver.reachable = ({ kind, instance_id }) => kind === "remote" || world.runtime.of(instance_id).at(-1)?.state === "running";
    this.vault = vaultOver(system);
    const { vault } = this;
    const proofs = new Proofs(system);
    const engines = new Map([[runtime.name, runtime]]);
    const log: Log = { info: () => undefined, warn: (words) => { this.warnings.push(words); }, error: (words) => { this.warnings.push(words); } };
    const checkEndpoint = async () => undefined;
    this.agents = new Agents({ executor, engines, vault, ids, hash, checkEndpoint });
    this.instances = new Instances({
      executor, tail, engines, vault, ids, pullProgress: (id) => this.reconciler.pullProgress(id),
      unproven: async (id, state) => unprovenTime(state, await proofs.stored(id, clock.now()), clock.now(), intervalMs),
    });
    this.tasks = new Tasks({ executor, tail, clock, ids, system, drivers, self, hash });
    this.monitor = new Monitor({
      executor, engines, drivers, metrics, proofs, clock, ids, log, intervalMs, random: () => 0.5, onBad: (id) => this.reconciler.enqueue(id),
    });
    this.reconciler = new Reconciler({
      executor, engines, drivers, vault, proofs, clock, ids, tail, log, executors: { self, alone: true }, startMs: limits.startMs,
      sources: { instances: () => this.#ids("InstanceRequested"), agents: () => this.#ids("AgentRegistered") },
      finishDeregistration: (id) => this.agents.finishDeregistration(id), onLooked: (id, state) => this.monitor.follow(id, state),
    });
    const sweep = new SecretSweep({ executor, system, clock });
    this.maintenance = new Maintenance({ reconciler: this.reconciler, system, metrics, clock, log, intervalMs: 60_000, sweep: () => sweep.round() });
  }

  async start(): Promise<void> {
    await this.tail.start();
    this.reconciler.start();
    this.maintenance.start();
    await this.world.clock.run(0);
  }

  /** The process is gone: nothing of it runs any more, nothing is tidied up. */
  async crash(): Promise<void> {
    await this.tail.stop();
    await Promise.all([this.maintenance.stop(), this.reconciler.stop(), this.monitor.stop()]);
    this.#clock.kill();
  }

  /** The process is killed in the middle of whatever it does. */
  kill(): void {
    this.#alive = false;
    this.#clock.kill();
    void this.tail.stop();
  }

  async stop(): Promise<void> {
    await this.tasks.stop();
    await this.crash();
  }

  request(account = customer, key?: string): CommandRequest {
    return { account, actor: account, command_id: key === undefined ? this.ids.random() : this.ids.named(key), ...(key === undefined ? {} : { request_hash: hash(key) }) };
  }

  async registered(kind: "docker" | "standard", manifest: Record<string, unknown> = {}): Promise<string> {
    const { state } = await this.agents.register(submission(kind, manifest), this.request(publisher));
    return state.agent_id;
  }

  /** Creates an instance and waits until it is no longer starting. */
  async created(agentId: string, config: InstanceWish["instance_config"] = {}): Promise<string> {
    const { state } = await this.instances.create({ agent_id: agentId, customer: { account_id: customer, currency: "USD" }, instance_config: config }, this.request());
    const id = state.request?.instance_id ?? "";
    await this.until(id, (now) => now.status !== "starting");
    return id;
  }

  async running(kind: "docker" | "standard", manifest: Record<string, unknown> = {}): Promise<string> {
    return this.created(await this.registered(kind, manifest));
  }

  async state(instanceId: string): Promise<InstanceState> {
    return (await this.executor.state(instance, instanceId)).state;
  }

  /** Moves the clock from timer to timer until the instance is as wanted. */
  async until(instanceId: string, wanted: (state: InstanceState) => boolean, withinMs = 3_600_000): Promise<InstanceState> {
    await this.world.clock.runUntil(async () => wanted(await this.state(instanceId)), withinMs, `the wanted state of ${instanceId}`);
    return this.state(instanceId);
  }

  /** The types of a stream's events, in order. */
  async types(stream: string): Promise<string[]> {
    return (await this.world.store.read(stream)).map(({ type }) => type);
  }

  async last(stream: string, type: string): Promise<StoredEvent | undefined> {
    return (await this.world.store.read(stream)).findLast((event) => event.type === type);
  }

  async *#ids(type: string): AsyncIterable<string> {
    for (const event of await this.world.store.readAll({ max: 100_000 })) if (event.type === type) yield event.stream;
  }
}

/** A submission of the agent `agent`, version 1.0.0, with whatever a test changes. */
export function submission(kind: "docker" | "standard", manifest: Record<string, unknown> = {}): AgentSubmission {
  const basic = { name: "agent", version: "1.0.0", pricing: { type: "per_hour", price: "3.60" } };
  const place = kind === "docker" ? { docker: { image: "repo/agent:1" } } : { endpoint: "https://agent.example.com/base" };
  return { kind, manifest: manifestInput.parse({ ...basic, ...place, ...manifest }) as ManifestInput };
}
