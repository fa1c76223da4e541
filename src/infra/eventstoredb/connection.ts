import { isIP } from "node:net";

/** The event store cannot be used as it is configured; waiting does not help. */
export class EventStoreMisconfigured extends Error {
  override readonly name = "EventStoreMisconfigured";
}

/** TLS names the server that it wants, and a name is no address. */
export const tlsNeedsName = "EventStoreDB over TLS needs a host name instead of an IP address";

const schemes = ["esdb://", "esdb+discover://"];
const defaults = { keepAliveInterval: "10000", keepAliveTimeout: "3000", nodePreference: "leader" };

/** The connection string that the client gets: a frozen server is noticed, a leader preferred, and a failed append always throws. */
export function hardened(connectionString: string): string {
  const renamed = connectionString.replace(/^kurrentdb(\+discover)?:\/\//, "esdb$1://");
  if (!schemes.some((scheme) => renamed.startsWith(scheme))) {
    throw new EventStoreMisconfigured("an EventStoreDB connection string starts with esdb:// or esdb+discover://");
  }
  const [base = "", query = ""] = renamed.split("?");
  const options = new Map(query.split("&").filter(Boolean).map((pair) => {
    const [key = "", value = ""] = pair.split("=");
    return [key, value] as const;
  }));
  const has = (name: string): boolean => [...options.keys()].some((key) => key.toLowerCase() === name.toLowerCase());
  for (const [name, value] of Object.entries(defaults)) if (!has(name)) options.set(name, value);
  for (const key of options.keys()) if (key.toLowerCase() === "throwonappendfailure") options.delete(key);
  const plain = [...options].some(([key, value]) => key.toLowerCase() === "tls" && value.toLowerCase() === "false");
  const hosts = serversOf(renamed).split(",").map((server) => server.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
  if (!plain && hosts.some((host) => isIP(host) !== 0)) throw new EventStoreMisconfigured(tlsNeedsName);
  return `${base}?${[...options].map(([key, value]) => `${key}=${value}`).join("&")}`;
}

/** The servers of a connection string, without its credentials. */
export function serversOf(connectionString: string): string {
  const [, rest = ""] = connectionString.split("://");
  const [authority = ""] = rest.split(/[/?]/);
  return authority.slice(authority.lastIndexOf("@") + 1);
}
