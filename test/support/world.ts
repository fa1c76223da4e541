import { pino } from "pino";
import { readConfig } from "#app/config.ts";
import { loadCredentials } from "#app/credentials.ts";
import { openStores, type Stores } from "#app/stores.ts";
import type { World } from "#app/world.ts";
import type { Clock, Ids } from "#commands/ports.ts";
import { parseAllowed } from "#infra/outbound/allowed.ts";
import { systemClock } from "#infra/system/clock.ts";
import { systemIds } from "#infra/system/ids.ts";
import { SimulatedDriver } from "./simulated-driver.ts";
import { SimulatedRuntime } from "./simulated-runtime.ts";

/** A world in memory: embedded stores, a simulated engine, simulated agents. */
export interface TestWorld extends World {
  readonly runtime: SimulatedRuntime;
  readonly agent: SimulatedDriver;
}

/** What a test may bring of its own. */
export interface TestWorldOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly random?: () => number;
  /** Stores of an earlier world, to boot another application on them. */
  readonly stores?: Stores;
  readonly runtime?: SimulatedRuntime;
  readonly agent?: SimulatedDriver;
  readonly credentials?: World["credentials"];
  /** Read models of another release. */
  readonly projections?: World["projections"];
}

/** The image that the simulated registry serves. */
export const testImage = "agenthub-test/echo:1";

/** Opens a world in memory. */
export async function openTestWorld(options: TestWorldOptions = {}): Promise<TestWorld> {
  const config = readConfig({ AGENTHUB_DATA_DIR: ":memory:", PORT: "0", AGENTHUB_LOG_LEVEL: "silent", AGENTHUB_RATE_LIMIT: "1000000", AGENTHUB_READ_PATIENCE: "30s", ...options.settings });
  const clock = options.clock ?? systemClock;
  const runtime = options.runtime ?? new SimulatedRuntime(clock, "docker");
  const agent = options.agent ?? new SimulatedDriver("http", clock);
  runtime.publish(testImage);
  return {
    config, clock, ids: options.ids ?? systemIds, log: pino({ level: "silent" }), random: options.random ?? Math.random,
    stores: options.stores ?? await openStores(config), credentials: options.credentials ?? loadCredentials(config), installation: "test",
    runtime, agent, engines: new Map([["docker", runtime]]), drivers: { http: agent, acp: agent },
    allowed: parseAllowed("127.0.0.1"), projections: options.projections,
  };
}
