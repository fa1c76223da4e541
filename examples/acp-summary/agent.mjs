// An agent that speaks ACP: over a WebSocket at /acp, or with the same payloads over plain HTTP.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { summarize } from "./summary.mjs";
import { acceptWebSocket } from "./websocket.mjs";

const port = Number(process.env.AGENTHUB_AGENT_PORT ?? 8000);
const agentId = process.env.AGENTHUB_AGENT_ID ?? "acp-summary";
const open = new Set();

const handshake = () => ({ status: "ready", protocol_version: "1.0", capabilities: ["summarize"] });
const heartbeat = () => ({ status: "healthy" });

function task({ endpoint, parameters } = {}) {
  const start = performance.now();
  const taken = () => ({ execution_time: (performance.now() - start) / 1000 });
  try {
    if (endpoint !== "/summarize") return { status: "failed", error: `there is no endpoint ${endpoint}`, ...taken() };
    return { status: "completed", result: summarize(parameters ?? {}), ...taken() };
  } catch (error) {
    return { status: "failed", error: error instanceof TypeError ? error.message : "the agent failed", ...taken() };
  }
}

const envelope = (type, payload) =>
  JSON.stringify({ type, agent_id: agentId, message_id: randomUUID(), payload, timestamp: new Date().toISOString() });

function onMessage(text, send, close) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return send(envelope("error", { error: "a message must be JSON" }));
  }
  const { type, message_id: id, payload } = message ?? {};
  if (type === "handshake") return send(envelope("handshake", { request_id: id, ...handshake() }));
  if (type === "heartbeat") return send(envelope("heartbeat", { request_id: id, ...heartbeat() }));
  if (type === "task_request") return send(envelope("task_response", { request_id: id, ...task(payload) }));
  if (type === "shutdown") return close();
  return undefined; // what a later version of the protocol adds is not an error
}

async function read(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) {
    text += part;
    if (text.length > 1_000_000) return undefined;
  }
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const overHttp = { "/acp/handshake": handshake, "/acp/task": task, "/acp/heartbeat": heartbeat };

const server = createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const path = request.url.split("?")[0];
  if (path === "/health") return answer(200, { status: "ok" });
  if (request.method !== "POST" || !Object.hasOwn(overHttp, path)) return answer(404, { error: "no such endpoint" });
  const payload = await read(request);
  return payload === undefined ? answer(400, { error: "the body must be JSON" }) : answer(200, overHttp[path](payload ?? {}));
});

server.on("upgrade", (request, socket, head) => {
  if (request.url.split("?")[0] !== "/acp" || !request.headers["sec-websocket-key"]) return socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  const close = acceptWebSocket(request, socket, head, onMessage);
  open.add(close);
  return socket.on("close", () => open.delete(close));
});

server.listen(port, () => console.log(`acp-summary listens on ${server.address().port}`));
process.on("SIGTERM", () => {
  for (const close of open) close(1001);
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 3000).unref(); // whoever still waits by then is not waited for
});
