import ipaddr from "ipaddr.js";
import { parseAddress } from "./addresses.ts";

/** Hosts and address ranges inside the network that the operator lets agents live on. */
export interface Allowed {
  /** `host` or `host:port`, in lower case, IPv6 without brackets before the port's absence. */
  readonly hosts: ReadonlySet<string>;
  readonly ranges: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];
}

/** Nothing inside is allowed. */
export const nothingAllowed: Allowed = { hosts: new Set(), ranges: [] };

/** A URL's host in one spelling: lower case, no brackets, no trailing dot. */
export const plainHost = (host: string): string => host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");

function entryOf(entry: string): { host: string } | { range: [ipaddr.IPv4 | ipaddr.IPv6, number] } {
  if (ipaddr.isValidCIDR(entry)) return { range: ipaddr.parseCIDR(entry) };
  const address = parseAddress(plainHost(entry));
  if (address) return { range: [address, address.kind() === "ipv4" ? 32 : 128] };
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(entry);
  if (!match?.[1]) throw new RangeError(`not a host, host:port or address range: ${entry.slice(0, 80)}`);
  const host = plainHost(match[1]);
  return { host: match[2] === undefined ? host : `${host}:${Number(match[2])}` };
}

/** Reads a comma separated list of hosts, `host:port` and ranges such as `10.1.0.0/16`; throws a RangeError at nonsense. */
export function parseAllowed(text: string): Allowed {
  const entries = text.split(",").map((entry) => entry.trim()).filter(Boolean).map(entryOf);
  return {
    hosts: new Set(entries.flatMap((entry) => ("host" in entry ? [entry.host] : []))),
    ranges: entries.flatMap((entry) => ("range" in entry ? [entry.range] : [])),
  };
}

/** Whether the operator named this host. */
export const allowsHost = (allowed: Allowed, host: string, port: number): boolean =>
  allowed.hosts.has(host) || allowed.hosts.has(`${host}:${port}`);

/** Whether the operator allowed this very address. */
export function allowsAddress(allowed: Allowed, text: string): boolean {
  const address = parseAddress(text);
  return address !== null && allowed.ranges.some(([range, bits]) => range.kind() === address.kind() && address.match([range, bits] as never));
}
