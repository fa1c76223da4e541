import type { TestApi } from "./support.ts";

/** An answer with its body read. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

const cursors = new Map<string, string>();

/** What a request is sent with. */
export interface CallOptions {
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function headersOf(url: string, { key, body, headers = {} }: CallOptions): Record<string, string> {
  const cursor = cursors.get(url);
  return {
    // As the project's client does: what anybody here wrote is read, however busy the machine.
    ...(cursor === undefined ? {} : { "agenthub-min-cursor": cursor }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined || isRaw(body) ? {} : { "content-type": "application/json" }), ...headers,
  };
}

const isRaw = (body: unknown): boolean => typeof body === "string" || body instanceof Uint8Array;

/** Sends a request; objects go out as JSON, text and bytes as they are. */
export async function call(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answered> {
  const { body } = options;
  const sent = isRaw(body) ? body as string : body === undefined ? null : JSON.stringify(body);
  const response = await fetch(new URL(path, url), { method, redirect: "manual", headers: headersOf(url, options), body: sent });
  const text = await response.text();
  const cursor = response.headers.get("agenthub-cursor");
  if (cursor !== null) cursors.set(url, cursor);
  const json = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) as Answered["body"] : {} };
}

/** Calls as one of the API's accounts. */
export const callAs = (api: TestApi, who: "customer" | "publisher" | "operator" | "stranger", method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answered> =>
  call(api.url, method, path, { key: api[who].key, headers, ...(body === undefined ? {} : { body }) });

/** A member of an answer that is a text. */
export const member = (answer: Answered, name: string): string => String(answer.body[name] as string);

/** A problem's slug. */
export const slug = (answer: Answered): string => member(answer, "type").split("/").at(-1) ?? "";

/** A manifest of a docker agent that costs nothing to run. */
export const manifest = (name: string, more: object = {}): object => ({ name, version: "1.0.0", category: "utility", description: "Echoes", ...more });

/** Registers a docker agent; answers its id. */
export async function registerAgent(api: TestApi, name: string, more: object = {}): Promise<string> {
  const answer = await call(api.url, "POST", "/agents/register-docker", { key: api.publisher.key, body: { docker_image: "myrepo/agent:v1.0", metadata: manifest(name, more) } });
  return member(answer, "agent_id");
}

/** Creates an instance of the customer's; answers its id. */
export async function createInstance(api: TestApi, agent: string, key = api.customer.key): Promise<string> {
  const answer = await call(api.url, "POST", "/marketplace/instances", { key, body: { agent_id: agent } });
  return member(answer, "instance_id");
}
