import type { Dispatcher } from "undici";
import type { Clock } from "#commands/ports.ts";
import type { AgentDriver, AgentEvent, AgentRequest, AgentTarget, ProbeResult } from "#reactions/ports.ts";
import { systemClock } from "../system/clock.ts";
import { urlOf, withQuery } from "./address.ts";
import { parseBody, parseComplaint } from "./body.ts";
import { deadline } from "./deadline.ts";
import { exchange } from "./exchange.ts";
import { failedEvent, failureOfStatus, failureUnder } from "./failure.ts";

/** How agents are reached: containers directly, remote ones through the outbound guard. */
export interface Dispatchers {
  readonly container: Dispatcher;
  readonly remote: Dispatcher;
}

/** What a driver over HTTP needs. */
export interface HttpDriverOptions {
  readonly dispatchers: Dispatchers;
  readonly clock?: Clock | undefined;
  readonly maxResponseBytes?: number | undefined;
  readonly probeTimeoutMs?: number | undefined;
}

/** The limit of one result. */
export const maxResultBytes = 1_048_576;

// Whatever happens becomes the event that ends the task.
async function settle(clock: Clock, timeoutMs: number, callers: readonly AbortSignal[], work: (signal: AbortSignal) => Promise<AgentEvent>): Promise<AgentEvent> {
  const limit = deadline(clock, timeoutMs, ...callers);
  try {
    return await work(limit.signal);
  } catch (error) {
    return failedEvent(failureUnder(limit, error));
  } finally {
    limit.clear();
  }
}

/** The driver for agents that are plain HTTP services: one request per task, nothing to connect. */
export function createHttpDriver(options: HttpDriverOptions): AgentDriver {
  const { dispatchers, clock = systemClock, maxResponseBytes = maxResultBytes, probeTimeoutMs = 5_000 } = options;
  const stopped = new AbortController();

  async function call(target: AgentTarget, request: AgentRequest, signal: AbortSignal): Promise<AgentEvent> {
    const inQuery = request.method === "GET" || request.method === "DELETE";
    const plain = urlOf(target.address, request.endpoint);
    const reply = await exchange(dispatchers[target.kind], {
      url: inQuery ? withQuery(plain, request.parameters) : plain, method: request.method, maxBytes: maxResponseBytes, signal,
      ...(!inQuery && { json: request.parameters ?? {} }),
    });
    if (reply.status < 200 || reply.status > 299) throw failureOfStatus(reply.status, reply.retryAfter, parseComplaint(reply.body, reply.contentType));
    return { type: "done", result: parseBody(reply.body, reply.contentType), bytes: reply.body.length };
  }

  async function probe(target: AgentTarget, caller: AbortSignal): Promise<ProbeResult> {
    const start = performance.now();
    const limit = deadline(clock, probeTimeoutMs, caller, stopped.signal);
    try {
      const reply = await exchange(dispatchers[target.kind], {
        url: urlOf(target.address, target.health_path), method: "GET", maxBytes: 0, skipBody: true, signal: limit.signal,
      });
      const healthy = reply.status >= 200 && reply.status <= 299;
      return { healthy, response_ms: performance.now() - start, ...(!healthy && { detail: `the health check answered ${reply.status}` }) };
    } catch (error) {
      const { message } = failureUnder(limit, error);
      return { healthy: false, response_ms: performance.now() - start, detail: message };
    } finally {
      limit.clear();
    }
  }

  return {
    protocol: "http",
    async connect() {},
    probe,
    async *execute(target, request, caller) {
      yield { type: "started" };
      yield await settle(clock, request.timeout_ms, [caller, stopped.signal], (signal) => call(target, request, signal));
    },
    async disconnect() {},
    connected: () => true,
    async close() {
      stopped.abort(new Error("the driver is closed"));
    },
  };
}
