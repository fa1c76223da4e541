import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { openAccount } from "#commands/account/open-account.ts";
import { releaseSlot, reserveSlot } from "#commands/capacity/slots.ts";
import { Executor } from "#commands/execute.ts";
import { recordFact } from "#commands/instance/record-fact.ts";
import { Tail } from "#commands/tail.ts";
import { createApi } from "#api/create-api.ts";
import type { ApiServices } from "#api/services.ts";
import type { Role } from "#domain/account/account.ts";
import type { InstanceEvent } from "#domain/instance/events.ts";
import { isRefusal } from "#domain/kernel/errors.ts";
import { nothingAllowed } from "#infra/outbound/allowed.ts";
import { checkUrl } from "#infra/outbound/check.ts";
import { checkApiKey, hashApiKey, newApiKey } from "#infra/secrets/api-key.ts";
import { createVault } from "#infra/secrets/vault.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteMetrics } from "#infra/sqlite/metrics.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { systemClock } from "#infra/system/clock.ts";
import { systemIds } from "#infra/system/ids.ts";
import { projections } from "#projections/index.ts";
import { instanceBilling } from "#projections/instance-billing.ts";
import { pauseBy } from "#projections/pause.ts";
import { Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import { Agents } from "#reactions/agents.ts";
import { audit } from "#reactions/audit/audit.ts";
import { Instances } from "#reactions/instances.ts";
import type { MetricSample } from "#reactions/ports.ts";
import { Tasks } from "#reactions/tasks.ts";
import { driver, runtime } from "./fakes.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The API on stores in memory; what reconciliation would do happens at once. */
export async function startApi(more: Partial<ApiServices["settings"]> = {}, log = pino({ level: "silent" })) {
  const store = await openSqliteEventStore(":memory:");
  const models = openSqliteReadModels(":memory:");
  const system = openSqliteSystemStore(":memory:", store.entries);
  const metrics = openSqliteMetrics(":memory:");
  const [clock, ids, hash] = [systemClock, systemIds, sha256];
  const executor = new Executor({ store, clock, ids, singleWriter: true });
  const tail = new Tail(store, clock);
  await tail.start();
  const projector = new Projector({ models, feed: tail, projections, pause: pauseBy(clock) });
  await projector.open();
  const stopping = new AbortController();
  const projecting = projector.run(stopping.signal);
  const vault = createVault(system, randomBytes(32));
  const engines = new Map([["docker", runtime]]);
  const listeners = new Set<(sample: MetricSample) => void>();
  const request = (account: string, instance?: string) => ({ account, actor: "system", command_id: ids.random(), ...(instance === undefined ? {} : { instance }) });

  const working = new Set<Promise<void>>();
  const record = async (account: string, fact: InstanceEvent, agent: string): Promise<void> => {
    await executor.execute(recordFact, { fact }, { ...request(account, fact.data.instance_id), agent });
  };
  async function reconcile(id: string, type: string): Promise<void> {
    const { state } = await instances.state(id);
    const { request: asked } = state;
    if (asked === null) return;
    const { agent_id, customer_id } = asked;
    const slot = { agent_id, instance_id: id };
    const fact = (name: string, data: object = {}) => record(customer_id, { type: name, data: { instance_id: id, ...data } } as InstanceEvent, agent_id);
    if (type === "PauseRequested") await fact("InstancePaused");
    if (type === "ResumeRequested") await fact("InstanceResumed");
    if (type === "TerminationRequested") {
      // First the slot: whoever hears of the end may ask for another instance at once.
      await executor.execute(releaseSlot, slot, { ...request(customer_id, id), agent: agent_id });
      await fact("InstanceTerminated");
    }
    if (type !== "InstanceRequested") return;
    try {
      await executor.execute(reserveSlot, { ...slot, max_instances: asked.release.max_instances }, { ...request(customer_id, id), agent: agent_id });
      await fact("InstanceStarted", { attempt: 1, address: "http://127.0.0.1:9" });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await fact("InstanceRejected", { reason: error.code, detail: error.message });
    }
  }
  const instances = new Instances({ executor, tail, engines, vault, ids, pullProgress: () => null });
  tail.on((event) => {
    if (!event.stream.startsWith("instance-")) return;
    const work = reconcile(event.stream, event.type).catch(() => undefined);
    working.add(work);
    void work.finally(() => working.delete(work));
  });
  const tasks = new Tasks({ executor, tail, clock, ids, system, drivers: { http: driver, acp: driver }, self: "test", hash });
  const keys = { hash: (key: string) => hashApiKey(key, "pepper"), wellFormed: checkApiKey, mint: () => newApiKey(randomBytes) };
  const reader = new Reader(models);
  const services: ApiServices = {
    executor, tail, ids, clock, metrics, system, instances, tasks, keys, eventStore: store,
    agents: new Agents({ executor, engines, vault, ids, hash, checkEndpoint: async (url) => checkUrl(url, nothingAllowed) }),
    readModels: {
      reader, waitFor: (position, ms) => projector.waitUntil(position, ms), health: () => models.health(),
      status: async () => projector.status().map(({ name, version, position, parked, rebuilding }) => ({ name, version, position, parked, status: rebuilding ? "rebuilding" : "live" })),
      rebuild: (name) => projector.rebuild(name),
    },
    runtimes: engines,
    audit: (scope) => audit({
      store, clock, projectedTo: async () => projector.positionOf(),
      documents: async () => (await Array.fromAsync(reader.all(instanceBilling, { index: "all" }))).map((bill) => ({ ...bill, read_model: "instance-billing", position: bill._v })),
      sums: async () => [],
    }, scope),
    onSample: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    moving: {
      async *exportLines() {
        yield "{}";
      },
    },
    log,
    settings: {
      installation: "test", version: "0.1.0", rate_limits: { per_key: 0, per_address: 0, bad_keys: 0 }, monitor_interval_ms: 30_000, read_patience_ms: 20_000, allowed_origins: [], ...more,
    },
  };
  const api = createApi(services);
  // Longer than a client keeps a connection that nobody uses: else the two may part while a request is on its way.
  const server = createServer({ keepAliveTimeout: 600_000 }, api.handler);
  api.attachLive(server);
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });

  async function account(name: string, roles: Role[], currency: "USD" | "EUR" = "USD") {
    const account_id = `account-${ids.next()}`;
    const { key, hint } = keys.mint();
    await executor.execute(openAccount, { account_id, name, roles, currency, key: { key_id: `key-${ids.next()}`, key_hash: keys.hash(key), hint } }, request(account_id));
    return { account_id, key };
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    api, services, account, projector,
    operator: await account("Operator", ["operator"]),
    publisher: await account("Publisher", ["publisher"]),
    customer: await account("Customer", ["customer"]),
    stranger: await account("Stranger", ["customer", "publisher"]),
    sample: (sample: MetricSample) => { for (const listener of listeners) listener(sample); },
    async close() {
      await api.close();
      server.closeAllConnections();
      await new Promise((resolve) => { server.close(resolve); });
      await Promise.all(working);
      stopping.abort();
      await projecting;
      await tail.stop();
      await Promise.all([store.close(), models.close(), system.close(), metrics.close()]);
    },
  };
}

/** The API under test. */
export type TestApi = Awaited<ReturnType<typeof startApi>>;
