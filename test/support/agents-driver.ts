import type { Dispatcher } from "undici";
import { createAcpDriver } from "#infra/agents/acp/driver.ts";
import type { AcpDriver } from "#infra/agents/acp/driver.ts";
import { parseAllowed } from "#infra/outbound/allowed.ts";
import { guardedConnector, plainConnector } from "#infra/outbound/dial.ts";
import type { Connector } from "#infra/outbound/dial.ts";
import { guardedDispatcher, plainDispatcher } from "#infra/outbound/dispatcher.ts";
import type { AgentEvent, AgentRequest, AgentTarget } from "#reactions/ports.ts";
import { ManualClock } from "./manual-clock.ts";

/** An ACP driver whose clock and network belong to the test. */
export interface AcpBench {
  readonly driver: AcpDriver;
  readonly time: ManualClock;
  /** How often a WebSocket was dialled; while `down` is true every dial is refused. */
  readonly network: { dials: number; down: boolean };
  readonly run: (target: AgentTarget, request?: Partial<AgentRequest>, signal?: AbortSignal) => Promise<AgentEvent[]>;
  readonly close: () => Promise<void>;
}

/** A signal that never aborts. */
export const never = new AbortController().signal;

/** A target at an address. */
export const targetAt = (address: string, more: Partial<AgentTarget> = {}): AgentTarget =>
  ({ instance_id: "instance-1", agent_id: "agent-1", address, kind: "container", health_path: "/health", ...more });

/** Builds a driver; remote agents may live where `allowed` says. */
export function acpBench(allowed = ""): AcpBench {
  const time = new ManualClock("2026-01-01T00:00:00.000Z");
  const network = { dials: 0, down: false };
  const dial = plainConnector();
  const container: Connector = (options, callback) => {
    network.dials++;
    if (network.down) callback(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }), null);
    else dial(options, callback);
  };
  const dispatchers: { container: Dispatcher; remote: Dispatcher } = { container: plainDispatcher(), remote: guardedDispatcher(parseAllowed(allowed)) };
  let ids = 0;
  const driver = createAcpDriver({
    dispatchers, connectors: { container, remote: guardedConnector(parseAllowed(allowed)) }, clock: time, newId: () => `message-${++ids}`,
  });
  return {
    driver, time, network,
    run: (target, request = {}, signal = never) => Array.fromAsync(driver.execute(target,
      { task_id: "task-1", endpoint: "/process", method: "POST", parameters: { input: "data" }, timeout_ms: 60_000, ...request }, signal)),
    async close() {
      await driver.close();
      await dispatchers.container.destroy();
      await dispatchers.remote.destroy();
    },
  };
}
