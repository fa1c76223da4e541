import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

/** A request as the test agent saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An agent inside the test's process. */
export interface TestHttpAgent {
  readonly url: string;
  readonly port: number;
  /** Every request, in order, once its body was read. */
  readonly seen: SeenRequest[];
  /** How many connections were ever accepted. */
  readonly connections: () => number;
  /** How many are open now. */
  readonly open: () => number;
  readonly close: () => Promise<void>;
}

const json = (response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
};

const pour = (response: ServerResponse): void => {
  const block = Buffer.alloc(65_536, 0x20);
  const more = (): void => {
    while (!response.destroyed) if (!response.write(block)) return;
  };
  response.on("drain", more);
  more();
};

const drip = (response: ServerResponse): void => {
  const timer = setInterval(() => response.write(" "), 5);
  response.on("close", () => clearInterval(timer));
};

type Route = (response: ServerResponse, request: SeenRequest, socket: Socket) => void;

/** What the default agent does by path; any other path echoes. */
const routes: Record<string, Route> = {
  "/health": (response) => json(response, 200, { status: "ok" }),
  "/slow": () => undefined,
  "/busy": (response) => json(response, 429, { error: "busy" }, { "retry-after": "7" }),
  "/reset": (_, __, socket) => socket.destroy(),
  "/cut": (response, _, socket) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"half":', () => socket.destroy());
  },
  "/bad-json": (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"half":'),
  "/deep": (response) => response.writeHead(200, { "content-type": "application/json" }).end("[".repeat(5000) + "]".repeat(5000)),
  "/binary": (response) => response.writeHead(200, { "content-type": "application/octet-stream" }).end("\u0000\u0001"),
  "/not-utf8": (response) => response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(Buffer.from([0xc3, 0x28])),
  "/not-http": (_, __, socket) => socket.end("no http at all\r\n\r\n"),
  "/redirect": (response) => response.writeHead(302, { location: "/echo" }).end(),
  "/huge": (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    pour(response);
  },
  "/huge-declared": (response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": String(10 * 2 ** 30) });
    response.write("x");
  },
  "/huge-error": (response) => {
    response.writeHead(500, { "content-type": "text/plain" });
    pour(response);
  },
  "/cut-error": (response, _, socket) => {
    response.writeHead(422, { "content-type": "application/json", "content-length": "100" });
    response.write('{"half":', () => socket.destroy());
  },
  "/drip-error": (response) => {
    response.writeHead(500, { "content-type": "text/plain" });
    drip(response);
  },
  "/drip": (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    drip(response);
  },
  "/gzip": (response) => response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(gzipSync("{}")),
  "/flood": (response) => response.writeHead(200, { "x-flood": "x".repeat(60_000) }).end("{}"),
  "/text": (response) => response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end("plain wörds"),
  "/problem": (response) => response.writeHead(200, { "content-type": "application/vnd.x+json; charset=utf-8" }).end('{"ok":true}'),
  "/empty": (response) => response.writeHead(204).end(),
};

const echo: Route = (response, { method, url, body }) => {
  const parameters: unknown = body === "" ? null : JSON.parse(body);
  json(response, 200, { method, url, parameters });
};

/** How a test agent answers: by a listener of its own, or by the default's paths (`/status/418` and those above). */
export type HttpHandler = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

/** Starts an agent on a free port of the loopback; without a handler it misbehaves by path and echoes elsewhere. */
export async function startHttpAgent(handler?: HttpHandler): Promise<TestHttpAgent> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = { method: incoming.method ?? "", url: incoming.url ?? "", headers: incoming.headers, body: await text(incoming) };
    seen.push(request);
    if (handler) return handler(request, response);
    const path = request.url.split("?")[0] ?? "";
    const status = /^\/status\/(\d{3})$/.exec(path)?.[1];
    if (status) return json(response, Number(status), { error: "as asked" });
    return (routes[path] ?? echo)(response, request, incoming.socket);
  };
  const listener: RequestListener = (incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  };

  const server = createServer({ keepAlive: true }, listener);
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`, port, seen, connections: () => connections, open: () => sockets.size,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
  };
}
