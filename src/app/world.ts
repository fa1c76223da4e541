import type { Clock, Ids } from "#commands/ports.ts";
import type { Logger } from "pino";
import { createAcpDriver } from "#infra/agents/acp/driver.ts";
import { createHttpDriver } from "#infra/agents/http.ts";
import { type Allowed, parseAllowed } from "#infra/outbound/allowed.ts";
import { guardedConnector, plainConnector } from "#infra/outbound/dial.ts";
import { guardedDispatcher, plainDispatcher } from "#infra/outbound/dispatcher.ts";
import { systemClock } from "#infra/system/clock.ts";
import { systemIds } from "#infra/system/ids.ts";
import type { Projection } from "#projections/projection.ts";
import type { Engines } from "#reactions/reconcile.ts";
import type { Drivers } from "#reactions/target.ts";
import type { Config } from "./config.ts";
import { type Credentials, loadCredentials } from "./credentials.ts";
import { openEngines } from "./engines.ts";
import { installationId } from "./installation.ts";
import { openLog } from "./log.ts";
import { named } from "./named.ts";
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
      engines: await openEngines(config, installation, stores.system, log), drivers: openDrivers(allowed, systemClock),
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}
