import type { Clock, Ids } from "#commands/ports.ts";
import { sleep } from "#commands/sleep.ts";
import type { Logger } from "pino";
import { createAcpDriver } from "#infra/agents/acp/driver.ts";
import { createHttpDriver } from "#infra/agents/http.ts";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { type Allowed, parseAllowed } from "#infra/outbound/allowed.ts";
import { guardedConnector, plainConnector } from "#infra/outbound/dial.ts";
import { guardedDispatcher, plainDispatcher } from "#infra/outbound/dispatcher.ts";
import { systemClock } from "#infra/system/clock.ts";
import { systemIds } from "#infra/system/ids.ts";
import type { Projection } from "#projections/projection.ts";
import type { Engines } from "#reactions/reconcile.ts";
import type { Drivers } from "#reactions/target.ts";
import { type Config, ConfigError } from "./config.ts";
import { type Credentials, loadCredentials } from "./credentials.ts";
import { installationId } from "./installation.ts";
import { openLog } from "./log.ts";
import { openStores, type Stores } from "./stores.ts";

/** Everything outside the application: tests and the simulation bring another one. */
export interface World {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly random: () => number;
  readonly stores: Stores;
  readonly credentials: Credentials;
  readonly installation: string;
  readonly engines: Engines;
  readonly drivers: Drivers;
  /** Read models of another release than this one; absent but in tests of upgrades. */
  readonly projections?: readonly Projection[] | undefined;
  /** Where standard agents may live besides public addresses. */
  readonly allowed: Allowed;
  /** Lets commands on one stream gather under load; absent where time does not pass by itself. */
  readonly gather?: (() => Promise<void>) | undefined;
}

/** Uses a setting's value; whoever gave a wrong one is told which setting it is. */
function named<T>(setting: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new ConfigError(`${setting}: ${(error as Error).message}`);
  }
}

/** The engine of the configuration; `auto` takes the usual one when it answers. */
async function openEngines(config: Config, installation: string, log: Logger): Promise<Engines> {
  const { AGENTHUB_DOCKER: wanted, AGENTHUB_AGENT_REACH: reach } = config;
  if (wanted === "off") return new Map();
  const address = wanted === "auto" ? undefined : wanted;
  const engine = named("AGENTHUB_DOCKER", () => openDockerRuntime({ address, installation, reach, name: "docker" }));
  const { ok, detail } = await engine.health();
  if (ok) return new Map([[engine.name, engine]]);
  if (wanted === "auto") {
    log.warn({ detail }, "no container engine answers: docker agents cannot run; set AGENTHUB_DOCKER to an engine's address, or to off");
    return new Map();
  }
  // A named engine is kept: it may come back, and its instances wait for it.
  log.error({ detail }, `the container engine at ${wanted} does not answer; its instances wait for it`);
  return new Map([[engine.name, engine]]);
}

function openDrivers(allowed: Allowed, clock: Clock): Drivers {
  const dispatchers = { container: plainDispatcher(), remote: guardedDispatcher(allowed) };
  const acp = createAcpDriver({ dispatchers, connectors: { container: plainConnector(), remote: guardedConnector(allowed) }, clock });
  return { http: createHttpDriver({ dispatchers, clock }), acp };
}

/** Opens the world that the configuration names. */
export async function openWorld(config: Config): Promise<World> {
  const log = openLog(config);
  const stores = await openStores(config);
  if (typeof stores.caution === "string") log.warn(stores.caution);
  try {
    const installation = await installationId(stores.system, systemIds);
    const allowed = named("AGENTHUB_ALLOWED_ENDPOINTS", () => parseAllowed(config.AGENTHUB_ALLOWED_ENDPOINTS.join(",")));
    return {
      config, clock: systemClock, ids: systemIds, log, random: Math.random, stores, credentials: loadCredentials(config), installation, allowed,
      gather: () => sleep(systemClock, 2),
      engines: await openEngines(config, installation, log), drivers: openDrivers(allowed, systemClock),
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
