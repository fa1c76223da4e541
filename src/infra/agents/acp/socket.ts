import type { ClientRequest } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import type { ClientOptions } from "ws";
import { isAddress } from "../../outbound/addresses.ts";
import type { Connector } from "../../outbound/dial.ts";
import { AgentFailure, failureOfError } from "../failure.ts";
import { maxMessageBytes } from "./transport.ts";

/** The agent answered the upgrade as an ordinary request: it has no WebSocket. */
export class NoWebSocket extends Error {
  override readonly name = "NoWebSocket";
}

function reasonOf(error: Error & { code?: string }): Error {
  // Simple servers hang up on an upgrade that they do not know.
  if (error.code === "ECONNRESET") return new NoWebSocket("the agent has no WebSocket");
  if (/^Invalid|^Server sent/.test(error.message)) return new AgentFailure("agent-protocol-error", "the agent does not speak proper WebSocket");
  return failureOfError(error);
}

type OnCreate = (error: Error | null, socket: Duplex) => void;

// The connector has resolved, checked and dialled when it calls back, so nothing else opens a socket here.
const through = (connector: Connector, url: URL): NonNullable<ClientOptions["createConnection"]> =>
  ((_options: unknown, onCreate: OnCreate) => {
    const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const options = { hostname, host: url.host, protocol: url.protocol, port: url.port, ...(url.protocol === "https:" && !isAddress(hostname) && { servername: hostname }) };
    connector(options, (...[error, socket]) => onCreate(error, socket as Duplex));
  }) as unknown as NonNullable<ClientOptions["createConnection"]>;

/**
 * Opens a WebSocket at an http or https URL; throws NoWebSocket or AgentFailure.
 * Listeners are added by `listen` at once: a message may come along with the very answer that opens it.
 */
export function openSocket(url: URL, connector: Connector, signal: AbortSignal, listen: (socket: WebSocket) => void): Promise<WebSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  const address = new URL(url);
  address.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, {
    perMessageDeflate: false, maxPayload: maxMessageBytes, followRedirects: false,
    headers: { "user-agent": "AgentHub" }, createConnection: through(connector, url),
  });
  listen(socket);
  const onAbort = (): void => {
    reject(signal.reason as Error);
    socket.terminate();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  socket.on("open", () => resolve(socket));
  socket.on("unexpected-response", (request: ClientRequest) => {
    reject(new NoWebSocket("the agent has no WebSocket"));
    request.destroy();
    socket.terminate();
  });
  // A rejected promise ignores later errors, and an open socket's errors are its transport's matter.
  socket.on("error", (error) => reject(reasonOf(error)));
  return promise.finally(() => signal.removeEventListener("abort", onAbort));
}
