import { endpointPath } from "#domain/agent/manifest.ts";
import { AgentFailure } from "./failure.ts";

const refuse = (): AgentFailure => new AgentFailure("agent-rejected-input", "the endpoint is not a path on the agent");

function resolve(address: string, endpoint: string): URL {
  if (!endpointPath.safeParse(endpoint).success) throw refuse();
  const base = new URL(address);
  const prefix = base.pathname.replace(/\/+$/, "");
  const url = new URL(base.origin + prefix + endpoint);
  if (url.origin !== base.origin || !url.pathname.startsWith(`${prefix}/`)) throw refuse();
  return url;
}

const most = 1000;
const resolved = new Map<string, Readonly<URL>>();

/** The URL of an endpoint under an agent's base URL; throws when it would lead anywhere else. */
export function urlOf(address: string, endpoint: string): Readonly<URL> {
  const name = `${address} ${endpoint}`;
  const known = resolved.get(name);
  if (known !== undefined) return known;
  const url = resolve(address, endpoint);
  if (resolved.size >= most) resolved.clear();
  resolved.set(name, url);
  return url;
}

/** Adds parameters as a query string: lists repeat their name, what is nested travels as JSON. */
export function withQuery(plain: Readonly<URL>, parameters: unknown): Readonly<URL> {
  if (parameters === undefined || parameters === null) return plain;
  if (typeof parameters !== "object" || Array.isArray(parameters))
    throw new AgentFailure("agent-rejected-input", "parameters must be an object for this method");
  const url = new URL(plain.href);
  for (const [name, value] of Object.entries(parameters as Record<string, unknown>)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item === null || item === undefined) continue;
      url.searchParams.append(name, typeof item === "object" ? JSON.stringify(item) : String(item as string | number | boolean));
    }
  }
  return url;
}
