import { urlOf } from "../address.ts";
import { parseBody } from "../body.ts";
import { deadline } from "../deadline.ts";
import { exchange } from "../exchange.ts";
import { AgentFailure, failureOfStatus } from "../failure.ts";
import { greeting, isReady } from "./messages.ts";
import { outcomeOf } from "./outcome.ts";
import { handshakeMs, maxMessageBytes, taskOf } from "./transport.ts";
import type { Transport, TransportContext } from "./transport.ts";

const never = new Promise<void>(() => undefined);
const good = (status: number): boolean => status >= 200 && status <= 299;

/** Greets at `POST /acp/handshake`; null when the agent has nothing there. Throws AgentFailure or the signal's reason. */
export async function openHttpTransport({ target, dispatcher, clock }: TransportContext, signal: AbortSignal): Promise<Transport | null> {
  const post = (path: string, json: unknown, until: AbortSignal, skipBody = false) =>
    exchange(dispatcher, { url: urlOf(target.address, path), method: "POST", json, maxBytes: maxMessageBytes, signal: until, skipBody });

  const greeted = await post("/acp/handshake", greeting, signal);
  if ([404, 405, 410, 501].includes(greeted.status)) return null;
  if (!good(greeted.status)) throw failureOfStatus(greeted.status, greeted.retryAfter);
  if (!isReady(parseBody(greeted.body, greeted.contentType))) throw new AgentFailure("agent-failed", "the agent is not ready");

  let lastHeartbeat = clock.now();
  let responseMs = 0;
  return {
    kind: "http", closed: never, lastHeartbeat: () => lastHeartbeat, lastHeard: () => lastHeartbeat, responseMs: () => responseMs,
    async beat(caller) {
      const limit = deadline(clock, handshakeMs, caller);
      const start = performance.now();
      try {
        if (!good((await post("/acp/heartbeat", {}, limit.signal, true)).status)) return;
        lastHeartbeat = clock.now();
        responseMs = performance.now() - start;
      } catch {
        // A missing heartbeat shows by its age.
      } finally {
        limit.clear();
      }
    },
    async *execute(request, until) {
      urlOf(target.address, request.endpoint);
      yield { type: "started" };
      const reply = await post("/acp/task", taskOf(request), until);
      if (!good(reply.status)) throw failureOfStatus(reply.status, reply.retryAfter);
      yield outcomeOf(parseBody(reply.body, reply.contentType));
    },
    async close() {},
  };
}
