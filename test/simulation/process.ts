import { pino } from "pino";
import { UsageIntake } from "#api/rest/usage-intake.ts";
import { auditOf } from "#app/audits.ts";
import { readConfig } from "#app/config.ts";
import { T, wire } from "#app/container.ts";
import type { EngineDuty } from "#app/engine-duty.ts";
import { ensureFirstAccounts } from "#app/first-accounts.ts";
import { assertSameSecretKey } from "#app/installation.ts";
import { LeaseKeeper } from "#app/lease-keeper.ts";
import type { ReadSide } from "#app/read-side.ts";
import type { World } from "#app/world.ts";
import type { CommandRequest, Executor } from "#commands/execute.ts";
import type { Tail } from "#commands/tail.ts";
import { parseAllowed } from "#infra/outbound/allowed.ts";
import type { AuditReport } from "#reactions/audit/audit.ts";
import type { AuditScope } from "#reactions/audit/scope.ts";
import type { AgentService, InstanceService, TaskService } from "#reactions/services.ts";
import { SimulatedDriver } from "#test/support/simulated-driver.ts";
import { CountingIds } from "#test/support/counting-ids.ts";
import { Life } from "./life.ts";
import { driverOf, engineOf, storesOf } from "./ports.ts";
import type { Scene } from "./scene.ts";

/** What a started process answers with. */
export interface Services {
  readonly executor: Executor;
  readonly tail: Tail;
  readonly readSide: ReadSide;
  readonly duty: EngineDuty;
  readonly agents: AgentService;
  readonly instances: InstanceService;
  readonly tasks: TaskService;
}

/** One run of the application over what outlives it: wired as it is in production, without its HTTP server. */
export class Process {
  readonly life: Life;
  readonly ids: CountingIds;
  readonly world: World;
  #services: Services | undefined;
  #keeper: LeaseKeeper | undefined;
  readonly #wired: ReturnType<typeof wire>;
  readonly #scene: Scene;

  constructor(scene: Scene, number: number) {
    const { clock, weather, random, stores, breakage, runtime, credentials } = scene;
    this.#scene = scene;
    this.life = new Life(clock, weather, random);
    this.ids = new CountingIds(`run-${number}`);
    const { life, ids } = this;
    const engine = engineOf(life, runtime, () => weather.away.has("engine") || (!weather.calm && random.chance(0.2)));
    this.world = {
      config: readConfig({ AGENTHUB_DATA_DIR: ":memory:", AGENTHUB_LOG_LEVEL: "warn", AGENTHUB_MONITOR_INTERVAL: scene.monitorInterval }),
      clock: life.clock, ids, random: random.next, credentials, installation: "simulation", allowed: parseAllowed(""),
      log: pino({ level: "warn", base: null, timestamp: false }, { write: (line) => { if (life.alive) scene.trace.note(`  log: ${line.trim().slice(0, 300)}`); } }),
      stores: storesOf(life, stores, breakage), engines: new Map([[engine.name, engine]]),
      drivers: { http: this.#driver("http"), acp: this.#driver("acp") },
    };
    this.#wired = wire(this.world);
  }

  /** Throws before the process has started. */
  get services(): Services {
    if (this.#services === undefined) throw new Error("the process has not started");
    return this.#services;
  }

  get started(): boolean {
    return this.#services !== undefined && this.life.alive;
  }

  /** Starts as the application does. */
  async start(): Promise<void> {
    const { container } = this.#wired;
    const { system } = this.world.stores;
    await assertSameSecretKey(system, this.world.credentials);
    const [executor, tail, keys, readSide, duty, self, agents, instances, tasks] = await Promise.all([
      container.getAsync(T.executor), container.getAsync(T.tail), container.getAsync(T.keys), container.getAsync(T.readSide), container.getAsync(T.engineDuty),
      container.getAsync(T.self), container.getAsync(T.agents), container.getAsync(T.instances), container.getAsync(T.tasks),
    ]);
    await ensureFirstAccounts({ executor, ids: this.ids, hash: (key) => keys.hash(key) }, this.world.credentials);
    this.#keeper = new LeaseKeeper({
      system, clock: this.life.clock, owner: self, ttlMs: this.world.config.AGENTHUB_LEASE_TIME, warn: (message) => this.world.log.warn(message),
    });
    for (const projecting of readSide.duties) await this.#keeper.keep(projecting);
    await this.#keeper.keep(duty.duty);
    this.#services = { executor, tail, readSide, duty, agents, instances, tasks };
  }

  /** Ends as the application does on a signal. */
  async stop(): Promise<void> {
    await this.#keeper?.stop();
    await this.#wired.unload();
  }

  /** A request of somebody; with a key it is known again when it comes again. */
  request(account: string, key?: { readonly name: string; readonly hash: string }): CommandRequest {
    if (key === undefined) return { account, actor: account, command_id: this.ids.random() };
    return { account, actor: account, command_id: this.ids.named(key.name), request_hash: key.hash };
  }

  /** Takes a usage report in as the API does. */
  usage(publisher: string): UsageIntake {
    const { executor, instances } = this.services;
    const context = { services: { executor, instances, clock: this.life.clock, ids: this.ids } };
    const principal = { account_id: publisher, roles: ["publisher"], instance_id: null };
    return new UsageIntake(context as never, principal as never, (about) => ({ ...this.request(about.account), actor: publisher, agent: about.agent, instance: about.instance }));
  }

  audit(scope: AuditScope): Promise<AuditReport> {
    return auditOf(this.world, this.services.readSide)(scope);
  }

  #driver(protocol: "http" | "acp") {
    const { runtime, people } = this.#scene;
    const driver = new SimulatedDriver(protocol, this.life.clock);
    driver.reachable = ({ kind, instance_id, agent_id }) => !people.ill.has(instance_id) && !people.ill.has(agent_id)
      && (kind === "remote" || runtime.of(instance_id).at(-1)?.state === "running");
    driver.behave = (request, signal) => people.work(this.life.clock, request, signal);
    return driverOf(this.life, driver);
  }
}
