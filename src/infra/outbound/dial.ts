import { lookup as systemLookup } from "node:dns/promises";
import { buildConnector } from "undici";
import { isAddress, isPublicAddress } from "./addresses.ts";
import { allowsAddress, allowsHost, plainHost } from "./allowed.ts";
import type { Allowed } from "./allowed.ts";
import { checkHost, EndpointNotAllowed, portOf } from "./check.ts";

/** Resolves a name to all of its addresses. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Opens sockets, TLS included. */
export type Connector = buildConnector.connector;

const attempts = 3;

const resolveBySystem: Lookup = async (host) =>
  (await systemLookup(host, { all: true, order: "ipv4first" })).map(({ address }) => address);

/** Every address of a host, checked; throws EndpointNotAllowed when a single one is not public. */
export async function checkedAddresses(hostname: string, port: number, allowed: Allowed, lookup: Lookup): Promise<readonly string[]> {
  checkHost(hostname, port, allowed);
  const host = plainHost(hostname);
  const addresses = isAddress(host) ? [host] : await lookup(host);
  if (addresses.length === 0) throw Object.assign(new Error("the host has no address"), { code: "ENOTFOUND" });
  if (allowsHost(allowed, host, port)) return addresses;
  if (!addresses.every((address) => isPublicAddress(address) || allowsAddress(allowed, address)))
    throw new EndpointNotAllowed("the host leads to an address that is not on the public Internet");
  return addresses;
}

/**
 * A connector that dials the very addresses it checked: nothing resolves the name a second time,
 * and IP literals, for which no resolver is asked, are checked like the rest.
 */
export function guardedConnector(allowed: Allowed, lookup: Lookup = resolveBySystem, timeoutMs = 10_000): Connector {
  const dial = buildConnector({ timeout: timeoutMs, allowH2: false });
  return (options, callback) => {
    const https = options.protocol === "https:";
    const port = portOf({ protocol: options.protocol, port: options.port || "" });
    const name = plainHost(options.hostname);
    // A name goes to the server in TLS only; in plain HTTP the dialler would resolve it again.
    const { servername: _, ...rest } = options;
    const target = https && !isAddress(name) ? { ...rest, servername: name } : rest;
    const tryNext = (left: readonly string[]): void => {
      const [address = "", ...others] = left;
      dial({ ...target, hostname: address }, (...[error, socket]) => {
        if (error && others.length > 0) tryNext(others);
        else if (error) callback(error, null);
        else callback(null, socket as NonNullable<typeof socket>);
      });
    };
    const start = async (): Promise<void> => {
      let addresses: readonly string[];
      try {
        addresses = await checkedAddresses(options.hostname, port, allowed, lookup);
      } catch (error) {
        callback(error instanceof Error ? error : new Error(String(error)), null);
        return;
      }
      tryNext(addresses.slice(0, attempts));
    };
    void start();
  };
}

/** A connector without a guard, for the containers that this installation started. */
export const plainConnector = (timeoutMs = 10_000): Connector => buildConnector({ timeout: timeoutMs, allowH2: false });
