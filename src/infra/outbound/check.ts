import { Refusal } from "#domain/kernel/errors.ts";
import { isAddress, isPublicAddress } from "./addresses.ts";
import { allowsAddress, allowsHost, plainHost } from "./allowed.ts";
import type { Allowed } from "./allowed.ts";

/** An address that remote agents may not have. */
export class EndpointNotAllowed extends Refusal {
  constructor(detail: string) {
    super("endpoint-not-allowed", detail);
  }
}

// Databases, caches, brokers, shells and control planes speak protocols that a smuggled HTTP request can reach.
const service = new Set([
  1433, 1434, 1521, 2049, 2113, 2181, 2375, 2376, 2377, 2379, 2380, 3306, 3389, 4222, 4369, 5432, 5433, 5601, 5672, 5900,
  5984, 5985, 5986, 6000, 6379, 6380, 6443, 6667, 7474, 7687, 8086, 8500, 9042, 9092, 9160, 9200, 9300, 10250, 10255,
  11211, 15672, 16379, 26257, 27017, 27018, 27019, 33060, 50000,
]);
// Names of networks inside, and public ones that are there to lead back inside.
const inside = /(^|\.)(localhost|localdomain|local|internal|intranet|private|lan|corp|home|home\.arpa|in-addr\.arpa|ip6\.arpa|test|invalid|onion|svc|localtest\.me|lvh\.me|vcap\.me|nip\.io|sslip\.io|xip\.io|traefik\.me|metadata\.tencentyun\.com|metadata\.oraclecloud\.com)$/;
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Whether agents may be called on a port. */
const isAgentPort = (port: number): boolean => port === 80 || port === 443 || (port >= 1024 && !service.has(port));

/** The port of a URL or of connection options, which leave out their protocol's own. */
export const portOf = ({ protocol, port }: { protocol: string; port: string }): number =>
  port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);

/** Refuses a host and port that nobody outside could mean; a name still has to resolve to public addresses. */
export function checkHost(hostname: string, port: number, allowed: Allowed): void {
  const host = plainHost(hostname);
  if (allowsHost(allowed, host, port) || allowsAddress(allowed, host)) return;
  if (!isAgentPort(port)) throw new EndpointNotAllowed(`port ${port} is not one that agents may use`);
  if (isAddress(host)) {
    if (!isPublicAddress(host)) throw new EndpointNotAllowed("the address is not on the public Internet");
    return;
  }
  const labels = host.split(".");
  if (labels.length < 2 || host.length > 253 || inside.test(host) || /^\d+$/.test(labels.at(-1) ?? "") || !labels.every((part) => label.test(part)))
    throw new EndpointNotAllowed("the host is not a name on the public Internet");
}

// 0177.1, 0x7f000001 and their kin are addresses that only somebody who hides one writes.
const isDisguised = (text: string, host: string): boolean =>
  isAddress(host) && !host.startsWith("[") && /^https?:\/\/([^/?#:]*)/i.exec(text)?.[1]?.replace(/\.$/, "") !== host;

/** Refuses a URL that a remote agent may not be registered or called with. */
export function checkUrl(text: string, allowed: Allowed): void {
  if (text.length > 2048 || /[\s\\\u0000-\u001f\u007f]/.test(text)) throw new EndpointNotAllowed("the URL holds characters that it must not");
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:\/\/[^/]/i.test(text)) throw new EndpointNotAllowed("the URL must start with http:// or https://");
  if (url.username !== "" || url.password !== "" || /^[^/]*\/\/[^/?#]*@/.test(text)) throw new EndpointNotAllowed("the URL must not hold a user or password");
  if (isDisguised(text, url.hostname)) throw new EndpointNotAllowed("the address must be written as four plain numbers");
  if (url.hash !== "") throw new EndpointNotAllowed("the URL must not hold a fragment");
  checkHost(url.hostname, portOf(url), allowed);
}
