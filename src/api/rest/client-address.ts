import { BlockList, isIP } from "node:net";
import type { IncomingMessage } from "node:http";

/** Finds whom a request comes from. */
export type ClientAddress = (request: Pick<IncomingMessage, "socket" | "headers">) => string;

const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.)/i, "");

function trustedBy(proxies: readonly string[]): (address: string) => boolean {
  if (proxies.length === 0) return () => false;
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = "", bits] = proxy.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/**
 * Only proxies that the operator named are believed when they tell whom they speak for: anybody can write the header.
 * The nearest address that no trusted proxy has is the client's.
 */
export function clientAddress(proxies: readonly string[]): ClientAddress {
  const trusted = trustedBy(proxies);
  return ({ socket, headers }) => {
    let address = plain(socket.remoteAddress ?? "unknown");
    if (proxies.length === 0) return address;
    const told = [headers["x-forwarded-for"] ?? ""].flat().join(",").split(",").map(plain);
    while (isIP(address) !== 0 && trusted(address)) {
      const next = told.pop();
      if (next === undefined || isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

/** What limits count by: who has an IPv6 address has the 2^64 beside it, too. */
export function countedAs(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.toLowerCase().split("%")[0]?.split("::") ?? [];
  const groups = head.split(":").filter(Boolean);
  const last = (tail ?? "").split(":").filter(Boolean);
  const whole = tail === undefined ? groups : [...groups, ...Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => "0"), ...last];
  return `${whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
