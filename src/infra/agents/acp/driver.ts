import { randomUUID } from "node:crypto";
import type { Clock } from "#commands/ports.ts";
import type { AgentDriver, AgentTarget } from "#reactions/ports.ts";
import type { Connector } from "../../outbound/dial.ts";
import { systemClock } from "../../system/clock.ts";
import { deadline } from "../deadline.ts";
import { failedEvent, failureOfError, failureUnder } from "../failure.ts";
import type { Dispatchers } from "../http.ts";
import { createLink } from "./link.ts";
import type { Link } from "./link.ts";
import { openTransport } from "./open.ts";
import { silenceMs } from "./transport.ts";
import type { Transport } from "./transport.ts";

/** What the ACP driver needs. Dispatchers and connectors of remote agents pass the outbound guard. */
export interface AcpDriverOptions {
  readonly dispatchers: Dispatchers;
  readonly connectors: { readonly container: Connector; readonly remote: Connector };
  readonly clock?: Clock | undefined;
  readonly newId?: (() => string) | undefined;
}

/** A connection as its driver knows it; instants are ISO. */
export interface AcpConnection {
  readonly instance_id: string;
  readonly agent_id: string;
  readonly connected_at: string;
  readonly last_heartbeat: string;
  readonly transport: Transport["kind"];
}

/** The ACP driver also tells its own connections; those of the whole installation are told by events. */
export interface AcpDriver extends AgentDriver {
  connections(): AcpConnection[];
}

/** The driver of agents that speak the Agent Communication Protocol, over a WebSocket or HTTP. */
export function createAcpDriver({ dispatchers, connectors, clock = systemClock, newId = randomUUID }: AcpDriverOptions): AcpDriver {
  const links = new Map<string, { target: AgentTarget; link: Link }>();

  function linkOf(target: AgentTarget): Link {
    const known = links.get(target.instance_id);
    if (known?.target.address === target.address && known.target.kind === target.kind) return known.link;
    // A container that started again answers at another address.
    void known?.link.close("the agent moved");
    const context = { target, dispatcher: dispatchers[target.kind], connector: connectors[target.kind], clock, newId };
    const link = createLink(clock, (signal) => openTransport(context, signal));
    links.set(target.instance_id, { target, link });
    return link;
  }

  async function drop(instanceId: string, reason: string): Promise<void> {
    const known = links.get(instanceId);
    links.delete(instanceId);
    await known?.link.close(reason);
  }

  return {
    protocol: "acp",
    async connect(target, signal) {
      const link = linkOf(target);
      try {
        await link.ensure(signal);
        link.keep();
      } catch (error) {
        // A link that was open before goes on by itself.
        if (!signal.aborted && !link.kept() && links.get(target.instance_id)?.link === link) await drop(target.instance_id, "not ready");
        throw signal.aborted ? error : failureOfError(error);
      }
    },
    async probe(target, signal) {
      const start = performance.now();
      const limit = deadline(clock, 15_000, signal);
      try {
        const transport = await linkOf(target).ensure(limit.signal);
        await transport.beat(limit.signal);
        const healthy = clock.now() - transport.lastHeartbeat() <= silenceMs;
        return { healthy, response_ms: transport.responseMs(), ...(!healthy && { detail: "no heartbeat" }) };
      } catch (error) {
        return { healthy: false, response_ms: performance.now() - start, detail: failureUnder(limit, error).message };
      } finally {
        limit.clear();
      }
    },
    async *execute(target, request, caller) {
      const limit = deadline(clock, request.timeout_ms, caller);
      try {
        const transport = await linkOf(target).ensure(limit.signal);
        yield* transport.execute(request, limit.signal);
      } catch (error) {
        yield failedEvent(failureUnder(limit, error));
      } finally {
        limit.clear();
      }
    },
    disconnect: (target, reason) => drop(target.instance_id, reason),
    connected: (instanceId) => (links.get(instanceId)?.link.current() ?? null) !== null,
    async close() {
      await Promise.all([...links.keys()].map((instanceId) => drop(instanceId, "AgentHub is stopping")));
    },
    connections: () => [...links.values()].flatMap(({ target, link }) => {
      const transport = link.current();
      return transport ? [{
        instance_id: target.instance_id, agent_id: target.agent_id, transport: transport.kind,
        connected_at: new Date(link.openedAt()).toISOString(), last_heartbeat: new Date(transport.lastHeartbeat()).toISOString(),
      }] : [];
    }),
  };
}
