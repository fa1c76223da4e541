import { hash as digest, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Container, ContainerModule, type ServiceIdentifier } from "inversify";
import { type Api, createApi } from "#api/create-api.ts";
import type { ApiServices, KeyCodec } from "#api/services.ts";
import { Executor } from "#commands/execute.ts";
import { Tail } from "#commands/tail.ts";
import { checkUrl } from "#infra/outbound/check.ts";
import { checkApiKey, hashApiKey, newApiKey } from "#infra/secrets/api-key.ts";
import { parseMasterKey } from "#infra/secrets/master-key.ts";
import { createVault } from "#infra/secrets/vault.ts";
import { Agents } from "#reactions/agents.ts";
import { Instances } from "#reactions/instances.ts";
import type { Vault } from "#reactions/ports.ts";
import { Proofs } from "#reactions/proofs.ts";
import { Tasks } from "#reactions/tasks.ts";
import { unprovenTime } from "#reactions/unproven.ts";
import { UsageClaims } from "#reactions/usage-claims.ts";
import { auditOf } from "./audits.ts";
import { derivedKey } from "./credentials.ts";
import { EngineDuty } from "./engine-duty.ts";
import { backupOf } from "./moving/backup.ts";
import { exportLines } from "./moving/export.ts";
import { quotaOf } from "./quota.ts";
import { ReadSide } from "./read-side.ts";
import { relaySamples } from "./sample-relay.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

const token = <V>(name: string): ServiceIdentifier<V> => Symbol(name);

/** What can be asked of the container. */
export const T = {
  world: token<World>("world"),
  self: token<string>("self"),
  run: token<string>("run"),
  executor: token<Executor>("executor"),
  tail: token<Tail>("tail"),
  vault: token<Vault>("vault"),
  keys: token<KeyCodec>("keys"),
  proofs: token<Proofs>("proofs"),
  readSide: token<ReadSide>("read side"),
  agents: token<Agents>("agents"),
  engineDuty: token<EngineDuty>("engine duty"),
  instances: token<Instances>("instances"),
  tasks: token<Tasks>("tasks"),
  api: token<Api>("api"),
} as const;

const hash = (text: string): string => digest("sha256", text);

/** No other process can write to an embedded store. */
export const isEmbedded = (world: World): boolean => world.config.AGENTHUB_EVENT_STORE.startsWith("sqlite:");

const core = new ContainerModule(({ bind }) => {
  bind(T.self).toResolvedValue((world) => (isEmbedded(world) ? "embedded" : `process-${world.ids.random()}`), [T.world]).inSingletonScope();
  // Names this run in admissions: the tasks of an earlier run have nobody any more who could end them.
  bind(T.run).toResolvedValue((world) => `run-${world.ids.random()}`, [T.world]).inSingletonScope();
  bind(T.executor).toResolvedValue((world) => new Executor({ store: world.stores.events, clock: world.clock, ids: world.ids, singleWriter: isEmbedded(world) }), [T.world]).inSingletonScope();
  bind(T.tail).toResolvedValue(async (world: World, executor: Executor): Promise<Tail> => {
    const tail = new Tail(world.stores.events, world.clock);
    tail.on((event) => executor.observe(event));
    await tail.start();
    return tail;
  }, [T.world, T.executor]).inSingletonScope().onDeactivation(async (tail) => { await tail.stop(); });
  bind(T.vault).toResolvedValue((world) => createVault(world.stores.system, parseMasterKey(world.credentials.secret_key)), [T.world]).inSingletonScope();
  bind(T.keys).toResolvedValue((world): KeyCodec => {
    const pepper = derivedKey(world.credentials, "api-keys");
    return { hash: (key) => hashApiKey(key, pepper), wellFormed: checkApiKey, mint: () => newApiKey(randomBytes) };
  }, [T.world]).inSingletonScope();
  bind(T.proofs).toResolvedValue((world) => new Proofs(world.stores.system), [T.world]).inSingletonScope();
  bind(T.readSide).toResolvedValue((world, tail) => new ReadSide(world, tail, isEmbedded(world)), [T.world, T.tail]).inSingletonScope();
});

const reactions = new ContainerModule(({ bind }) => {
  bind(T.agents).toResolvedValue(({ engines, ids, allowed }, executor, vault) => new Agents({
    executor, engines, vault, ids, hash, checkEndpoint: async (url) => { checkUrl(url, allowed); },
  }), [T.world, T.executor, T.vault]).inSingletonScope();
  bind(T.engineDuty).toResolvedValue((world, run, executor, tail, vault, proofs, readSide, agents, self) => new EngineDuty(world, {
    executor, tail, vault, proofs, reader: readSide.reader, readable: (position, ms) => readSide.waitFor(position, ms), executors: { self: run, alone: isEmbedded(world) },
    standings: () => readSide.status(), audit: auditOf(world, readSide), removeLeftovers: () => readSide.removeLeftovers(`${self} tidying`),
    finishDeregistration: (agentId) => agents.finishDeregistration(agentId),
  }), [T.world, T.run, T.executor, T.tail, T.vault, T.proofs, T.readSide, T.agents, T.self]).inSingletonScope();
  bind(T.instances).toResolvedValue(({ engines, ids, clock, config }, executor, tail, vault, duty, proofs, readSide) => new Instances({
    executor, tail, engines, vault, ids, pullProgress: duty.pullProgress, quota: quotaOf(config, executor, tail, readSide),
    unproven: async (id, state) => unprovenTime(state, await proofs.stored(id, clock.now()), clock.now(), config.AGENTHUB_MONITOR_INTERVAL),
  }), [T.world, T.executor, T.tail, T.vault, T.engineDuty, T.proofs, T.readSide]).inSingletonScope();
  bind(T.tasks).toResolvedValue(({ clock, ids, stores, drivers }, run, executor, tail) =>
    new Tasks({ executor, tail, clock, ids, system: stores.system, drivers, self: run, hash }),
  [T.world, T.run, T.executor, T.tail]).inSingletonScope().onDeactivation(async (tasks) => { await tasks.stop(); });
});

const publicDir = (): string | undefined => {
  const dir = fileURLToPath(new URL("../../web", import.meta.url));
  return existsSync(dir) ? dir : undefined;
};

const front = new ContainerModule(({ bind }) => {
  bind(T.api).toResolvedValue((world, executor, tail, keys, readSide, agents, duty, instances, tasks) => {
    const { config, clock, ids, stores, engines, log, installation } = world;
    const services: ApiServices = {
      executor, tail, ids, clock, keys, readModels: readSide, metrics: stores.metrics, system: stores.system, agents, instances, tasks, log,
      usageClaims: isEmbedded(world) ? undefined : new UsageClaims(stores.system, ids),
      runtimes: engines, eventStore: stores.events, audit: auditOf(world, readSide), maintenance: () => duty.counters,
      onSample: (listener, watched) => {
        const own = duty.onSample(listener);
        const everyMs = Math.min(5000, config.AGENTHUB_MONITOR_INTERVAL);
        const relayed = isEmbedded(world) ? own : relaySamples({ metrics: stores.metrics, reader: readSide.reader, clock, everyMs, samplesHere: () => duty.running !== undefined }, listener, watched);
        return () => { own(); relayed(); };
      },
      moving: { exportLines: () => exportLines({ events: stores.events, system: stores.system, clock, key: derivedKey(world.credentials, "export") }), backup: backupOf(world) },
      settings: {
        installation, version, monitor_interval_ms: config.AGENTHUB_MONITOR_INTERVAL, read_patience_ms: config.AGENTHUB_READ_PATIENCE, allowed_origins: [], public_dir: publicDir(),
        trusted_proxies: config.AGENTHUB_TRUSTED_PROXIES,
        rate_limits: { per_key: config.AGENTHUB_RATE_LIMIT, per_address: config.AGENTHUB_RATE_LIMIT * 2, bad_keys: 60 },
      },
    };
    return createApi(services);
  }, [T.world, T.executor, T.tail, T.keys, T.readSide, T.agents, T.engineDuty, T.instances, T.tasks]).inSingletonScope()
    .onDeactivation(async (api) => { await api.close(); });
});

/** The wired application of a world; nothing runs before it is asked for. */
export function wire(world: World): { container: Container; unload: () => Promise<void> } {
  const container = new Container();
  container.bind(T.world).toConstantValue(world);
  container.load(core, reactions, front);
  return { container, unload: async () => { await container.unloadAsync(front, reactions, core); } };
}
