import type { Logger } from "pino";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { systemClock } from "#infra/system/clock.ts";
import type { SystemStore } from "#reactions/ports.ts";
import type { Engines } from "#reactions/reconcile.ts";
import { type Config, ConfigError } from "./config.ts";
import { named } from "./named.ts";

/**
 * The engine of the configuration; `auto` takes the usual one when it answers. One that was named and never answered this
 * installation is a mistake, and refused. One that did may come back, as after a host's start, when it may be later than AgentHub:
 * its instances wait for it, and all else is served.
 */
export async function openEngines(config: Config, installation: string, system: SystemStore, log: Logger): Promise<Engines> {
  const { AGENTHUB_DOCKER: wanted, AGENTHUB_AGENT_REACH: reach } = config;
  if (wanted === "off") return new Map();
  const address = wanted === "auto" ? undefined : wanted;
  const engine = named("AGENTHUB_DOCKER", () => openDockerRuntime({ address, installation, reach, name: "docker" }));
  const { ok, detail } = await engine.health();
  const mark = `engine ${wanted}`;
  if (ok) await system.putIfAbsent("installation", mark, true);
  else if (await system.get("installation", mark, systemClock.now()) !== null)
    log.error({ detail }, `the container engine ${wanted === "auto" ? "of this machine" : `at ${wanted}`} does not answer; its instances wait for it`);
  else if (wanted === "auto") {
    log.warn({ detail }, "no container engine answers: docker agents cannot run; set AGENTHUB_DOCKER to an engine's address, or to off");
    return new Map();
  } else throw new ConfigError(`AGENTHUB_DOCKER: no container engine answers at ${wanted}; start it, or set another address, auto or off`);
  return new Map([[engine.name, engine]]);
}
