import type { IncomingMessage, ServerResponse } from "node:http";
import { hasRole, type Principal } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";
import { addHeaders } from "./headers.ts";
import { Problem } from "./problem-details.ts";
import { queryOf } from "./address.ts";
import type { Route } from "./route.ts";

/** Nobody: what public endpoints are called by. */
export const nobody: Principal = { account_id: "", name: "", roles: [], currency: "", key_id: "", key_hash: "", instance_id: null };

function bearer(request: IncomingMessage): string {
  const headers = request.headersDistinct["authorization"] ?? [];
  const match = headers.length === 1 ? /^Bearer +([^\s,]+) *$/i.exec(headers[0] ?? "") : null;
  if (match?.[1] === undefined || "api_key" in queryOf(request.url))
    throw new Problem("unauthenticated", "Send your API key once, in the header `Authorization: Bearer <key>`, and nowhere else.");
  return match[1];
}

/** Finds who calls, and whether the call is theirs to make. */
export async function authorize(context: RestContext, route: Route, request: IncomingMessage, response: ServerResponse): Promise<Principal> {
  if (route.probe === true) return nobody;
  const { auth, limits } = context;
  const address = context.addressOf(request);
  addHeaders(response, await limits.address(address));
  if (route.roles === "public") return nobody;
  const key = bearer(request);
  await limits.guesser(address);
  const principal = await auth.principal(key);
  if (principal === null) {
    await limits.guessed(address);
    throw new Problem("invalid-api-key", "The API key is not valid.");
  }
  addHeaders(response, await limits.key(principal.key_id));
  if (principal.instance_id !== null && route.scopedKeys !== true)
    throw new Problem("insufficient-scope", "This key may only report the usage of its instance.");
  if (route.roles !== "any" && !hasRole(principal, route.roles))
    throw new Problem("insufficient-scope", `This needs an account with the role ${route.roles.join(" or ")}.`);
  return principal;
}
