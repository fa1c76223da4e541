import type { WebSocket } from "ws";
import type { AgentEvent } from "#reactions/ports.ts";
import { urlOf } from "../address.ts";
import { AgentFailure } from "../failure.ts";
import { createChannel } from "./channel.ts";
import type { Channel } from "./channel.ts";
import { greeting, isReady, message, parseMessage } from "./messages.ts";
import type { Incoming } from "./messages.ts";
import { failureOfAgentError, outcomeOf } from "./outcome.ts";
import { openSocket } from "./socket.ts";
import { taskOf } from "./transport.ts";
import type { Transport, TransportContext } from "./transport.ts";

const closeGraceMs = 2_000;
const mostParts = 256;

const gone = (): AgentFailure => new AgentFailure("agent-unreachable", "the connection to the agent ended");

// What ended the connection, in the words of the tasks that it took along.
function failureOfSocketError(error: Error & { code?: string }): AgentFailure {
  if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return new AgentFailure("agent-response-too-large", "the agent's message is too large");
  if (error.code?.startsWith("WS_ERR_")) return new AgentFailure("agent-protocol-error", "the agent does not speak proper WebSocket");
  return gone();
}

/** Opens the WebSocket at `<agent>/acp` and greets; throws NoWebSocket, AgentFailure or the signal's reason. */
export async function openSocketTransport({ target, connector, clock, newId }: TransportContext, signal: AbortSignal): Promise<Transport> {
  const pending = new Map<string, Channel<Incoming>>();
  const closed = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  let lastHeartbeat = clock.now();
  let lastHeard = lastHeartbeat;
  let pingAt: number | null = null;
  let responseMs = 0;

  const failAll = (failure: AgentFailure): void => {
    ready.reject(failure);
    for (const channel of pending.values()) channel.fail(failure);
  };
  const onMessage = (of: WebSocket, incoming: Incoming): void => {
    lastHeartbeat = clock.now();
    const { type, payload } = incoming;
    if (type === "handshake") {
      if (isReady(payload)) ready.resolve();
      else ready.reject(new AgentFailure("agent-failed", "the agent is not ready"));
    } else if (type === "shutdown") of.close(1000);
    else if (typeof payload["request_id"] === "string") pending.get(payload["request_id"])?.push(incoming);
  };

  const listen = (of: WebSocket): void => {
    of.on("message", (data: Buffer, isBinary) => {
      lastHeard = clock.now();
      try {
        if (isBinary) throw new AgentFailure("agent-protocol-error", "the agent sent no ACP message");
        onMessage(of, parseMessage(data.toString()));
      } catch (error) {
        failAll(error as AgentFailure);
        of.close(1008);
      }
    });
    of.on("pong", () => {
      lastHeard = clock.now();
      if (pingAt !== null) responseMs = performance.now() - pingAt;
      pingAt = null;
    });
    of.on("error", (error) => failAll(failureOfSocketError(error)));
    of.on("close", () => {
      failAll(gone());
      closed.resolve();
    });
  };

  const socket = await openSocket(urlOf(target.address, "/acp"), connector, signal, listen);
  const send = (type: string, payload: unknown, id = newId()): void => {
    if (socket.readyState === socket.OPEN) socket.send(message(type, target.agent_id, id, payload, clock.now()), () => undefined);
  };

  async function* execute(request: Parameters<Transport["execute"]>[0], until: AbortSignal): AsyncGenerator<AgentEvent> {
    urlOf(target.address, request.endpoint);
    if (socket.readyState !== socket.OPEN) throw gone();
    const id = newId();
    const channel = createChannel<Incoming>(mostParts, () => new AgentFailure("agent-response-too-large", "the agent sends more than is read"));
    const onAbort = (): void => channel.fail(until.reason);
    pending.set(id, channel);
    until.addEventListener("abort", onAbort, { once: true });
    try {
      until.throwIfAborted();
      send("task_request", taskOf(request), id);
      yield { type: "started", remote_id: id };
      for (;;) {
        const { type, payload } = await channel.next();
        if (type === "error") throw failureOfAgentError(payload["error"] ?? payload["code"]);
        if (type === "task_response") {
          yield outcomeOf(payload);
          return;
        }
        if (type === "status_update") yield { type: "output", part: payload };
      }
    } finally {
      pending.delete(id);
      until.removeEventListener("abort", onAbort);
    }
  }

  async function close(reason: string): Promise<void> {
    send("shutdown", { reason });
    socket.close(1000);
    const cancel = clock.after(closeGraceMs, () => socket.terminate());
    await closed.promise;
    cancel();
  }

  const onAbort = (): void => ready.reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  send("handshake", greeting);
  try {
    await ready.promise;
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  return {
    kind: "websocket", closed: closed.promise, lastHeartbeat: () => lastHeartbeat, lastHeard: () => lastHeard, responseMs: () => responseMs,
    async beat() {
      send("heartbeat", {});
      pingAt ??= performance.now();
      if (socket.readyState === socket.OPEN) socket.ping(undefined, undefined, () => undefined);
    },
    execute, close,
  };
}
