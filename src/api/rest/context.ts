import { Authenticator } from "../auth/authenticator.ts";
import type { ApiServices } from "../services.ts";
import { type ClientAddress, clientAddress } from "./client-address.ts";
import { PageCursors } from "./cursors.ts";
import { Idempotency } from "./idempotency.ts";
import { Limits } from "./limits.ts";
import { OwnWrites } from "./own-writes.ts";

/** What every endpoint shares. */
export interface RestContext {
  readonly services: ApiServices;
  readonly auth: Authenticator;
  readonly limits: Limits;
  readonly addressOf: ClientAddress;
  readonly idempotency: Idempotency;
  readonly writes: OwnWrites;
  readonly pages: PageCursors;
  /** Aborted when the server ends: what stays open for a reader ends then. */
  readonly closing: AbortController;
  /** How many live connections are open. */
  readonly sockets: { count: number };
  /** How long a reader waits for what was written, ms. */
  readonly patience: number;
  /** The present instant. */
  now(): string;
}

/** Makes what the endpoints share. */
export const restContext = (services: ApiServices): RestContext => ({
  services,
  auth: new Authenticator(services),
  limits: new Limits(services.settings.rate_limits),
  addressOf: clientAddress(services.settings.trusted_proxies ?? []),
  idempotency: new Idempotency(services.ids),
  writes: new OwnWrites(services),
  pages: new PageCursors(services.settings.installation),
  closing: new AbortController(),
  sockets: { count: 0 },
  patience: services.settings.read_patience_ms ?? 2000,
  now: () => new Date(services.clock.now()).toISOString(),
});
