import { run } from "#app/application.ts";
import { openTestWorld, testImage, type TestWorld, type TestWorldOptions } from "./world.ts";

/** Which of the first accounts asks. */
export type As = "operator" | "publisher" | "customer";

/** An answer of the application. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body, JSON or text. */
  // oxlint-disable-next-line no-explicit-any -- a test looks into answers freely and fails where it is wrong
  readonly body: any;
}

/** How a call differs from a plain GET by the customer. */
export interface CallOptions {
  readonly as?: As;
  readonly key?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The whole application in this process, on stores in memory with a simulated engine. */
export interface TestApp {
  readonly url: string;
  readonly world: TestWorld;
  readonly keys: Readonly<Record<As, string>>;
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  /** Registers the test agent, once per name. */
  readonly registerAgent: (changes?: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Creates an instance that runs. */
  readonly createInstance: (agentId: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  return /[/+]json/.test(response.headers.get("content-type") ?? "") && text !== "" ? JSON.parse(text) as unknown : text;
}

/** Calls a server with the keys of its first accounts. As the project's client does, whoever reads sees what was written through here before. */
export const callerOf = (url: string, keys: Readonly<Record<As, string>>): TestApp["call"] => {
  let cursor: string | null = null;
  return async (method, path, { as = "customer", key = keys[as], body, headers = {} } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(cursor === null ? {} : { "agenthub-min-cursor": cursor }), ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    cursor = response.headers.get("agenthub-cursor") ?? cursor;
    return { status: response.status, headers: response.headers, body: await read(response) };
  };
};

/** Starts the application; close it at the end. */
export async function startTestApp(options: TestWorldOptions = {}): Promise<TestApp> {
  const world = await openTestWorld(options);
  const { url, close } = await run(world);
  const { admin_key, publisher_key, customer_key } = world.credentials;
  const keys = { operator: admin_key, publisher: publisher_key, customer: customer_key };
  const call = callerOf(url, keys);
  const must = async (method: string, path: string, from: CallOptions): Promise<Answer> => {
    const answer = await call(method, path, from);
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  };
  return {
    url, world, keys, call, close,
    registerAgent: async (changes = {}) => {
      const metadata = { name: "echo", version: "1.0.0", category: "utility", pricing: { type: "per_request", price: "0.01" }, limits: { max_instances: 3 }, ...changes };
      return (await must("POST", "/agents/register-docker", { as: "publisher", body: { docker_image: testImage, metadata } })).body.agent_id as string;
    },
    createInstance: async (agent_id) => (await must("POST", "/marketplace/instances", { body: { agent_id } })).body.instance_id as string,
  };
}
