import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the stub saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** What the stub answers; `raw` is sent as it is. */
export interface StubAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers for `METHOD /path`; a list is given out one after another, the last one again and again. */
export type StubRoutes = Record<string, StubAnswer | readonly StubAnswer[] | ((request: SeenRequest) => StubAnswer)>;

/** A server that says what a test lets it say, and remembers what it was asked. */
export interface StubServer {
  readonly url: string;
  readonly requests: SeenRequest[];
  close(): Promise<void>;
}

/** A problem document as the API answers it. */
export const problem = (status: number, slug: string, title: string, more: Readonly<Record<string, unknown>> = {}): StubAnswer => ({
  status, headers: { "content-type": "application/problem+json" },
  body: { type: `https://agenthub.example/problems/${slug}`, title, status, ...more },
});

async function seen(request: IncomingMessage): Promise<SeenRequest> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://stub");
  return {
    method: request.method ?? "GET", path: pathname, query: searchParams, headers: request.headers,
    body: text === "" ? undefined : JSON.parse(text) as unknown,
  };
}

function send(response: ServerResponse, { status = 200, body, raw, headers = {} }: StubAnswer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(raw ?? (body === undefined ? "" : JSON.stringify(body)));
}

/** Starts a stub on a free loopback port. It lives, and knows nothing else but the routes. */
export async function stubServer(routes: StubRoutes = {}): Promise<StubServer> {
  const requests: SeenRequest[] = [];
  const given = new Map<string, number>();
  const answerTo = (request: SeenRequest): StubAnswer => {
    const key = `${request.method} ${request.path}`;
    const route = routes[key];
    if (typeof route === "function") return route(request);
    if (!Array.isArray(route)) return (route as StubAnswer | undefined) ?? (key === "GET /livez" ? { body: { status: "alive" } } : problem(404, "not-found", "There is nothing at this address"));
    const count = given.get(key) ?? 0;
    given.set(key, count + 1);
    return (route as readonly StubAnswer[])[Math.min(count, route.length - 1)] ?? {};
  };
  const server = createServer((incoming, response) => {
    void seen(incoming).then((request) => {
      requests.push(request);
      send(response, answerTo(request));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests,
    close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }),
  };
}
