import type { Dispatcher } from "undici";
import type { AgentEvent, AgentRequest } from "#reactions/ports.ts";
import { urlOf } from "../address.ts";
import { parseBody } from "../body.ts";
import { deadline } from "../deadline.ts";
import { exchange } from "../exchange.ts";
import { AgentFailure, failureOfError, failureOfStatus } from "../failure.ts";
import { doneEvent, failureOfAgentError } from "./outcome.ts";
import { agentFor, agentNames, parseRunEvent, resultOfRun, runBody, valueOfPart } from "./runs.ts";
import type { RunEvent } from "./runs.ts";
import { sseData } from "./sse.ts";
import { handshakeMs, maxMessageBytes } from "./transport.ts";
import type { Transport, TransportContext } from "./transport.ts";

const cancelMs = 2_000;
// The stream repeats its parts in the messages and in the finished run.
const maxStreamBytes = 4 * maxMessageBytes;
const good = (status: number): boolean => status >= 200 && status <= 299;

const over = new Set(["run.completed", "run.failed", "run.cancelled"]);
type RunState = { id: string | undefined; over: boolean };

// Undefined: the run goes on and has nothing to tell.
function eventOf({ type, run, part, error }: RunEvent): AgentEvent | undefined {
  switch (type) {
    case "message.part": return part ? { type: "output", part: valueOfPart(part) } : undefined;
    case "run.completed": return doneEvent(run ? resultOfRun(run) : null);
    case "run.failed": throw failureOfAgentError(run?.error);
    case "run.cancelled": throw new AgentFailure("agent-failed", "the agent cancelled the run");
    case "run.awaiting": throw failureOfAgentError("awaiting");
    case "error": throw failureOfAgentError(error);
    default: return undefined;
  }
}

/** The run-based ACP 0.2: `/ping`, `/agents`, `/runs`. Null when the server has none of it. */
export async function openRunsTransport({ target, dispatcher, clock }: TransportContext, signal: AbortSignal): Promise<Transport | null> {
  const get = (path: string, until: AbortSignal) => exchange(dispatcher, { url: urlOf(target.address, path), method: "GET", maxBytes: maxMessageBytes, signal: until });
  if (!good((await get("/ping", signal)).status)) return null;
  const list = await get("/agents", signal);
  const names = good(list.status) ? agentNames(parseBody(list.body, list.contentType)) : null;
  if (!names) return null;

  let lastHeartbeat = clock.now();
  let responseMs = 0;

  // Closing the stream does not stop a run, so it is told; what comes of it changes nothing for the task.
  async function cancel(runId: string): Promise<void> {
    const limit = deadline(clock, cancelMs, new AbortController().signal);
    try {
      await exchange(dispatcher, { url: urlOf(target.address, `/runs/${encodeURIComponent(runId)}/cancel`), method: "POST", json: {}, maxBytes: 0, skipBody: true, signal: limit.signal });
    } catch {
      // The agent's own limits end the run.
    } finally {
      limit.clear();
    }
  }

  async function start(request: AgentRequest, until: AbortSignal): Promise<Dispatcher.ResponseData> {
    const url = urlOf(target.address, "/runs");
    const response = await dispatcher.request({
      origin: url.origin, path: url.pathname, method: "POST", signal: until, body: JSON.stringify(runBody(agentFor(request.endpoint, names ?? []), request.parameters)),
      headers: { accept: "text/event-stream", "accept-encoding": "identity", "content-type": "application/json", "user-agent": "AgentHub" },
    });
    response.body.on("error", () => undefined);
    const failure = good(response.statusCode) ? null : failureOfStatus(response.statusCode, String(response.headers["retry-after"] ?? "").slice(0, 64) || undefined);
    const stream = /^text\/event-stream\b/i.test(String(response.headers["content-type"] ?? ""));
    if (!failure && stream) return response;
    response.body.destroy();
    throw failure ?? new AgentFailure("agent-protocol-error", "the agent did not answer with a stream");
  }

  async function* follow(response: Dispatcher.ResponseData, state: RunState): AsyncGenerator<AgentEvent> {
    yield { type: "started", ...(state.id !== undefined && { remote_id: state.id }) };
    for await (const data of sseData(response.body, maxStreamBytes)) {
      const event = parseRunEvent(data);
      state.id ??= event.run?.run_id;
      state.over = over.has(event.type);
      const told = eventOf(event);
      if (told) yield told;
      if (told?.type === "done") return;
    }
    throw new AgentFailure("agent-unreachable", "the run's stream ended before the run");
  }

  async function* execute(request: AgentRequest, until: AbortSignal): AsyncGenerator<AgentEvent> {
    urlOf(target.address, request.endpoint);
    const state: RunState = { id: undefined, over: false };
    let response: Dispatcher.ResponseData | undefined;
    try {
      response = await start(request, until);
      const header = response.headers["run-id"];
      if (typeof header === "string") state.id = header.slice(0, 200);
      yield* follow(response, state);
    } catch (error) {
      throw until.aborted ? until.reason : failureOfError(error);
    } finally {
      response?.body.destroy();
      if (!state.over && state.id !== undefined) await cancel(state.id);
    }
  }

  return {
    kind: "runs", closed: new Promise<void>(() => undefined), lastHeartbeat: () => lastHeartbeat, lastHeard: () => lastHeartbeat, responseMs: () => responseMs,
    async beat(caller) {
      const limit = deadline(clock, handshakeMs, caller);
      const start = performance.now();
      try {
        if (!good((await get("/ping", limit.signal)).status)) return;
        lastHeartbeat = clock.now();
        responseMs = performance.now() - start;
      } catch {
        // A missing answer shows by its age.
      } finally {
        limit.clear();
      }
    },
    execute,
    async close() {},
  };
}
