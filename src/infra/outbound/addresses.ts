import ipaddr from "ipaddr.js";

type Parsed = ReturnType<typeof ipaddr.parse>;

// Public by their range, yet answered inside a cloud's network: Azure's platform address.
const platform = new Set(["168.63.129.16"]);
// Only 2000::/3 is routed on the public Internet; what embeds an IPv4 address lies in it too and is sorted out by range.
const routed: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/** The address in any notation that a resolver or URL yields, without a zone; null when it is none. */
export function parseAddress(text: string): Parsed | null {
  if (text.includes("%") || !(ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text))) return null;
  return ipaddr.parse(text);
}

/** Whether an address belongs to the public Internet: anything special, embedded or unknown does not. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (!address || address.range() !== "unicast" || platform.has(address.toString())) return false;
  return !(address instanceof ipaddr.IPv6) || address.match(routed);
}

/** Whether the text is an IP literal as a URL's host shows it, brackets taken off. */
export const isAddress = (host: string): boolean => parseAddress(host) !== null || host.includes(":");
