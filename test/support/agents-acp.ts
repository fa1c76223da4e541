import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { json } from "node:stream/consumers";
import { WebSocketServer } from "ws";
import type { RawData, WebSocket } from "ws";

/** A message, or the body of a request with its path as type. */
export interface SeenMessage {
  readonly type: string;
  readonly agent_id?: string;
  readonly message_id?: string;
  readonly payload: Record<string, unknown>;
}

/** What the agent does with a task; `progress` sends a status update to it. Undefined: it never answers. */
export type AcpTask = (
  task: { endpoint: string; parameters: unknown; timeout: number }, progress: (part: Record<string, unknown>) => void,
) => Record<string, unknown> | undefined | Promise<Record<string, unknown> | undefined>;

/** How the agent behaves. */
export interface AcpAgentOptions {
  /** Which of the protocol's ways it offers; the WebSocket alone by default. */
  readonly offers?: "websocket" | "http";
  /** Its answer to a handshake; null for none. */
  readonly handshake?: () => Record<string, unknown> | null;
  /** Whether it answers heartbeats. */
  readonly heartbeats?: () => boolean;
  readonly autoPong?: boolean;
  readonly onTask?: AcpTask;
}

/** An ACP agent inside the test's process. */
export interface TestAcpAgent {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenMessage[];
  readonly of: (type: string) => SeenMessage[];
  /** Open WebSockets. */
  readonly sockets: Set<WebSocket>;
  /** Says something to every open WebSocket. */
  readonly say: (type: string, payload: Record<string, unknown>) => void;
  /** Cuts every connection. */
  readonly drop: () => void;
  readonly close: () => Promise<void>;
}

const echo: AcpTask = ({ endpoint, parameters }) => ({ status: "completed", result: { endpoint, parameters }, execution_time: 0.01 });

/** Starts an ACP agent on a free port of the loopback. */
export async function startAcpAgent(options: AcpAgentOptions = {}): Promise<TestAcpAgent> {
  const { offers = "websocket", handshake = () => ({ status: "ready" }), heartbeats = () => true, autoPong = true, onTask = echo } = options;
  const seen: SeenMessage[] = [];
  const sockets = new Set<WebSocket>();
  const raw = new Set<Socket>();
  const send = (socket: WebSocket, type: string, payload: unknown): void =>
    socket.send(JSON.stringify({ type, agent_id: "agent", message_id: crypto.randomUUID(), payload, timestamp: new Date().toISOString() }));

  async function onMessage(socket: WebSocket, text: string): Promise<void> {
    const message = JSON.parse(text) as SeenMessage;
    seen.push(message);
    const { type, payload, message_id: request_id } = message;
    if (type === "handshake") {
      const answer = handshake();
      if (answer) send(socket, "handshake", answer);
    }
    if (type === "heartbeat" && heartbeats()) send(socket, "heartbeat", {});
    if (type === "task_request") {
      const answer = await onTask(payload as Parameters<AcpTask>[0], (part) => send(socket, "status_update", { ...part, request_id }));
      if (answer) send(socket, "task_response", { request_id, ...answer });
    }
  }

  async function answerHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (offers !== "http" || request.method !== "POST") return reply(404, { error: "not here" });
    const payload = (await json(request)) as Record<string, unknown>;
    seen.push({ type: request.url ?? "", payload });
    if (request.url === "/acp/handshake") {
      const answer = handshake();
      return answer ? reply(200, answer) : undefined;
    }
    if (request.url === "/acp/heartbeat") return heartbeats() ? reply(200, { status: "ok" }) : reply(503, {});
    const answer = await onTask(payload as Parameters<AcpTask>[0], () => undefined);
    return answer ? reply(200, answer) : undefined;
  }

  const server = createServer((request, response) => {
    answerHttp(request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    raw.add(socket);
    socket.on("error", () => undefined).on("close", () => raw.delete(socket));
  });
  if (offers === "websocket") {
    const upgrades = new WebSocketServer({ noServer: true, autoPong });
    server.on("upgrade", (request, socket, head) => {
      if (request.url !== "/acp") return void socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      upgrades.handleUpgrade(request, socket, head, (opened) => {
        sockets.add(opened);
        opened.on("error", () => undefined).on("close", () => sockets.delete(opened));
        opened.on("message", (data: RawData) => {
          onMessage(opened, (data as Buffer).toString()).catch(() => opened.terminate());
        });
      });
    });
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  const drop = (): void => {
    for (const socket of raw) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`, port: address.port, seen, sockets, drop,
    of: (type) => seen.filter((message) => message.type === type),
    say: (type, payload) => {
      for (const socket of sockets) send(socket, type, payload);
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      drop();
    }),
  };
}
