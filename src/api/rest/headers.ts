import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet from "helmet";

/** An answer whose first headers wait for the rest of them: written at once, twenty cost less than five do one by one. */
interface Early extends ServerResponse {
  early?: Record<string, string> | undefined;
}

/** What protects data: nothing in it may be run, framed, guessed at or taken elsewhere. */
const dataGuards = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'", "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer", "x-content-type-options": "nosniff", "x-frame-options": "DENY",
};

/** What protects a page: it is the same for each of them, so it is made once. */
function pageGuards(): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  const protect = helmet({
    contentSecurityPolicy: { directives: { "default-src": ["'self'"], "style-src": ["'self'", "'unsafe-inline'"], "font-src": ["'self'"], "connect-src": ["'self'", "ws:", "wss:"], "upgrade-insecure-requests": null } },
    // Plain HTTP on a private network must keep working; a proxy that ends TLS sets its own.
    strictTransportSecurity: false,
  });
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader = (name, value) => {
    headers.set(name.toLowerCase(), String(value));
    return response;
  };
  protect(response.req, response, (error?: unknown) => { if (error instanceof Error) throw error; });
  return Object.fromEntries(headers);
}

/** The protective headers of pages. */
export const protective = pageGuards();

/** Lets the headers that follow wait until the answer is written. */
export function holdHeaders(response: ServerResponse): void {
  (response as Early).early = {};
}

/** Sets headers of an answer that is not yet written. */
export function addHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  const { early } = response as Early;
  for (const name in headers) {
    const value = headers[name] ?? "";
    if (early === undefined) response.setHeader(name, value);
    else early[name] = value;
  }
}

/** Sets what waits: whoever writes the answer by himself finds everything in its place. */
export function releaseHeaders(response: ServerResponse): void {
  const { early } = response as Early;
  if (early === undefined) return;
  (response as Early).early = undefined;
  for (const [name, value] of Object.entries(dataGuards)) response.setHeader(name, value);
  for (const name in early) response.setHeader(name, early[name] ?? "");
}

/** Writes a whole answer, by Node's own means: there is no entity tag to make nor a type to guess, which is what express would add. */
export function writeAnswer(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: string): void {
  const flat: string[] = [];
  const add = (some: Readonly<Record<string, string>>, but: Readonly<Record<string, string>>): void => {
    for (const name in some) if (but[name] === undefined) flat.push(name, some[name] ?? "");
  };
  add(headers["content-type"]?.startsWith("text/html") === true ? protective : dataGuards, headers);
  add((response as Early).early ?? {}, headers);
  add(headers, {});
  flat.push("content-length", String(Buffer.byteLength(body)));
  response.writeHead(status, flat).end(body);
}
