import { Agent } from "undici";
import type { Dispatcher } from "undici";
import type { Allowed } from "./allowed.ts";
import { guardedConnector, plainConnector } from "./dial.ts";
import type { Connector, Lookup } from "./dial.ts";

// Deadlines are the caller's; idle sockets go before servers with a five second limit close them under a request.
const pool = (connect: Connector): Dispatcher =>
  new Agent({
    connect, allowH2: false, pipelining: 1, connections: 1_024, keepAliveTimeout: 2_000, keepAliveMaxTimeout: 4_000,
    headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 32_768,
  });

/** For remote agents: every connection passes the guard. Redirects are never followed. */
export const guardedDispatcher = (allowed: Allowed, lookup?: Lookup): Dispatcher => pool(guardedConnector(allowed, lookup));

/** For containers of this installation. Redirects are never followed. */
export const plainDispatcher = (): Dispatcher => pool(plainConnector());
