import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { call, type CallOptions, createInstance, manifest, registerAgent, slug } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

let api: TestApi;
let agent: string;
let instance: string;

beforeAll(async () => {
  api = await startApi();
  agent = await registerAgent(api, "target", { limits: { max_instances: 5 } });
  instance = await createInstance(api, agent);
});
afterAll(() => api.close());

type Who = "publisher" | "customer" | "operator" | "stranger";
interface Row {
  readonly what: string;
  readonly method?: string;
  readonly path: string | (() => string);
  readonly who?: Who | null;
  readonly options?: CallOptions | (() => CallOptions);
  readonly status: number;
  readonly slug: string;
}

const docker = (metadata: object, more: object = {}): CallOptions => ({ body: { docker_image: "myrepo/agent:v1", metadata: manifest("bad", metadata), ...more } });
const standard = (endpoint: string): CallOptions => ({ body: { metadata: manifest("remote", { endpoint }) } });
const json = (body: string): CallOptions => ({ body, headers: { "content-type": "application/json" } });
const yaml = (body: string): CallOptions => ({ body, headers: { "content-type": "application/yaml" } });
const registerDocker = "/agents/register-docker";
const create = (config: object): (() => CallOptions) => () => ({ body: { agent_id: agent, instance_config: config } });
const execute = (): string => `/marketplace/instances/${instance}/execute`;
const bomb = `a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nname: *c`;

const post = (what: string, path: Row["path"], options: Row["options"], status: number, code: string, who: Who | null = "publisher"): Row =>
  ({ what, method: "POST", path, who, status, slug: code, ...(options === undefined ? {} : { options }) });
const get = (what: string, path: Row["path"], status: number, code: string, who: Who | null = "customer", options: CallOptions = {}): Row =>
  ({ what, path, who, status, slug: code, options });

const rows: Row[] = [
  get("1 no Authorization", "/marketplace/agents", 401, "unauthenticated", null),
  get("2 Basic", "/marketplace/agents", 401, "unauthenticated", null, { headers: { authorization: "Basic YTpi" } }),
  get("3 mistyped key", "/marketplace/agents", 401, "invalid-api-key", null, { headers: { authorization: "Bearer ah_nonsense" } }),
  get("4 key in the query", "/marketplace/agents?api_key=ah_x", 401, "unauthenticated"),
  post("5 customer registers", "/agents/register", standard("https://agents.example.com"), 403, "insufficient-scope", "customer"),
  post("6 truncated JSON", registerDocker, json('{"metadata":'), 400, "malformed-json"),
  post("6 not UTF-8", registerDocker, { body: new Uint8Array([0x7b, 0xff, 0x7d]), headers: { "content-type": "application/json" } }, 400, "malformed-json"),
  post("7 text/plain", registerDocker, { body: "hello", headers: { "content-type": "text/plain" } }, 415, "unsupported-media-type"),
  post("8 body of 101 KB", registerDocker, json(JSON.stringify({ x: "y".repeat(101 * 1024) })), 413, "payload-too-large"),
  post("8 gzip that expands past it", registerDocker, { body: gzipSync(JSON.stringify({ x: "y".repeat(1_000_000) })), headers: { "content-type": "application/json", "content-encoding": "gzip" } }, 413, "payload-too-large"),
  post("9 __proto__", registerDocker, json('{"docker_image":"a/b","metadata":{"__proto__":{"x":1},"name":"n","version":"1"}}'), 422, "validation-failed"),
  post("9 constructor", execute, json('{"endpoint":"/p","parameters":{"constructor":{"prototype":{"x":1}}}}'), 422, "validation-failed", "customer"),
  post("10 unknown field", "/marketplace/instances", () => ({ body: { agent_id: agent, status: "running" } }), 422, "validation-failed", "customer"),
  post("12 alias bomb", registerDocker, yaml(bomb), 422, "invalid-manifest"),
  post("12 depth 900", registerDocker, yaml("[".repeat(900) + "]".repeat(900)), 422, "invalid-manifest"),
  post("12 !!js/function", registerDocker, yaml("name: !!js/function 'function(){}'"), 422, "invalid-manifest"),
  post("13 name of 10,000 characters", registerDocker, docker({ name: "n".repeat(10_000) }), 422, "validation-failed"),
  post("13 NUL in a name", registerDocker, docker({ name: "a\u0000b" }), 422, "validation-failed"),
  ...[" ", "   ", "echo ", "\u00a0echo"].map((name) => post(`13 name ${JSON.stringify(name)}, which looks like another`, registerDocker, docker({ name }), 422, "validation-failed")),
  post("13 bidi override in a name", registerDocker, docker({ name: "a\u202eb" }), 422, "validation-failed"),
  ...[-1, "0.01abc", "0.12345678901234567890"].map((price) => post(`14 price ${price}`, registerDocker, docker({ pricing: { type: "per_request", price } }), 422, "invalid-pricing")),
  post("14 price 1e309", registerDocker, json('{"docker_image":"a/b","metadata":{"name":"n","version":"1","pricing":{"type":"per_request","price":1e309}}}'), 422, "invalid-pricing"),
  ...["usd ", "XXX"].map((currency) => post(`15 currency ${currency}`, registerDocker, docker({ pricing: { type: "per_request", price: 1, currency } }), 422, "invalid-pricing")),
  ...["http://169.254.169.254/", "http://2130706433/", "http://[::ffff:7f00:1]/", "file:///etc/passwd", "https://u:p@example.com/", "http://example.com:22/"]
    .map((endpoint) => post(`16-18 endpoint ${endpoint}`, "/agents/register", standard(endpoint), 422, "endpoint-not-allowed")),
  ...["-v/:/host", "a b", "../x", "MyRepo/Agent"].map((image) => post(`20 image ${image}`, registerDocker, { body: { docker_image: image, metadata: manifest("bad") } }, 422, "invalid-image-reference")),
  post("20 no image", registerDocker, { body: { metadata: manifest("bad") } }, 422, "invalid-image-reference"),
  ...[{ privileged: true }, { volumes: ["/:/host"] }, { binds: ["/var/run/docker.sock:/s"] }, { network_mode: "host" }, { devices: [] }, { cap_add: ["ALL"] }]
    .map((option) => post(`23 ${Object.keys(option)[0]}`, registerDocker, docker({ docker: option }), 422, "forbidden-container-option")),
  ...["limit=0", "limit=-1", "limit=1e9", "limit=abc", "limit=1&limit=2", "nonsense=1"].map((query) => get(`25 ${query}`, `/marketplace/agents?${query}`, 422, "invalid-query")),
  get("26 category[$ne]", "/marketplace/agents?category[$ne]=x", 422, "invalid-query"),
  ...["abc", "!!", Buffer.from('["2026","agent-1","seal"]').toString("base64url")].map((cursor) => get(`27 cursor ${cursor}`, `/marketplace/agents?cursor=${encodeURIComponent(cursor)}`, 400, "invalid-cursor")),
  ...["", "a".repeat(2049), "a".repeat(8000)].flatMap((cursor) => [
    ...["/marketplace/agents", "/marketplace/instances", "/billing/history", "/api-keys"].map((path) => get(`27 cursor of ${cursor.length} characters for ${path}`, `${path}?cursor=${cursor}`, 400, "invalid-cursor")),
    get(`27 cursor of ${cursor.length} characters for events`, () => `/marketplace/instances/${instance}/events?cursor=${cursor}`, 400, "invalid-cursor"),
    get(`27 cursor of ${cursor.length} characters for tasks`, () => `/marketplace/instances/${instance}/tasks?cursor=${cursor}`, 400, "invalid-cursor"),
  ]),
  get("27 two cursors", "/marketplace/agents?cursor=a&cursor=b", 422, "invalid-query"),
  get("27 AgentHub-Min-Cursor of 8000 characters", "/marketplace/agents", 400, "invalid-cursor", "customer", { headers: { "agenthub-min-cursor": "a".repeat(8000) } }),
  get("27 forged AgentHub-Min-Cursor", "/marketplace/agents", 400, "invalid-cursor", "customer", { headers: { "agenthub-min-cursor": "forged" } }),
  ...["agent-00000000-0000-4000-8000-000000000000", "agent-12345", "'; drop"].map((agent_id) => post(`28 agent ${agent_id}`, "/marketplace/instances", { body: { agent_id } }, 404, "agent-not-found", "customer")),
  ...["999T", "-1", "512", "1T"].map((memory_limit) => post(`29 memory ${memory_limit}`, "/marketplace/instances", create({ memory_limit }), 422, "invalid-resources", "customer")),
  ...["NaN", "0", "1e3"].map((cpu_limit) => post(`29 cpu ${cpu_limit}`, "/marketplace/instances", create({ cpu_limit }), 422, "invalid-resources", "customer")),
  post("29 environment that is not configurable", "/marketplace/instances", create({ environment: { PATH: "/" } }), 422, "not-configurable", "customer"),
  post("32 Idempotency-Key of 256", "/marketplace/instances", () => ({ body: { agent_id: agent }, headers: { "idempotency-key": "k".repeat(256) } }), 400, "invalid-idempotency-key", "customer"),
  post("32 empty Idempotency-Key", "/marketplace/instances", () => ({ body: { agent_id: agent }, headers: { "idempotency-key": "" } }), 400, "invalid-idempotency-key", "customer"),
  ...["//evil", "/../admin", "/a\r\nHost: b", "http://evil/", "/a/%2e%2e/b", ""].map((endpoint) => post(`38 endpoint ${JSON.stringify(endpoint)}`, execute, { body: { endpoint } }, 422, "invalid-endpoint-path", "customer")),
  ...[0, -1, 86_400, "30", 1.5].map((timeout) => post(`39 timeout ${JSON.stringify(timeout)}`, execute, { body: { endpoint: "/p", timeout } }, 422, "validation-failed", "customer")),
  get("43 unknown route", "/nowhere", 404, "not-found"),
  { what: "43 wrong method", method: "DELETE", path: "/marketplace/agents", who: "customer", status: 405, slug: "method-not-allowed" },
  get("43 a path that cannot be decoded", "/agents/%ff", 400, "malformed-request"),
  post("a report without time", "/usage/events", () => ({ body: { specversion: "1.0", id: "1", source: "s", type: "t", data: { instance_id: instance, meter: "requests", quantity: 1 } } }), 422, "validation-failed"),
  post("a report of 40 days ago", "/usage/events", () => ({ body: { specversion: "1.0", id: "1", source: "s", type: "t", time: new Date(Date.now() - 40 * 86_400_000).toISOString(), data: { instance_id: instance, meter: "requests", quantity: 1 } } }), 422, "usage-time-out-of-range"),
];

describe("what is wrong with a request is told by a stable problem", () => {
  test.each(rows)("$what -> $status $slug", async (row) => {
    const { method = "GET", path, who = "customer", options = {} } = row;
    const asked = typeof options === "function" ? options() : options;
    const answer = await call(api.url, method, typeof path === "string" ? path : path(), { ...asked, key: who === null ? undefined : api[who].key });
    expect([answer.status, slug(answer)]).toEqual([row.status, row.slug]);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body).toMatchObject({ title: expect.any(String), status: row.status, detail: expect.any(String), trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(answer.headers.has("www-authenticate")).toBe(row.status === 401);
    expect((await call(api.url, "GET", member(answer.body["type"]))).status).toBe(200);
  });

  const member = (value: unknown): string => value as string;

  test("two Authorization headers are refused, even when both are good", async () => {
    const { hostname, port } = new URL(api.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = "";
      const socket = connect(Number(port), hostname, () => {
        const line = `Authorization: Bearer ${api.customer.key}\r\n`;
        socket.write(`GET /marketplace/agents HTTP/1.1\r\nHost: x\r\n${line}${line}Connection: close\r\n\r\n`);
      });
      socket.on("data", (chunk) => { text += String(chunk); }).on("end", () => resolve(text)).on("error", reject);
    });
    expect(answer.split("\r\n")[0]).toBe("HTTP/1.1 401 Unauthorized");
    expect(answer).toContain("/problems/unauthenticated");
  });

  test("a wrong method tells which there are", async () => {
    const answer = await call(api.url, "DELETE", "/agents/register", { key: api.publisher.key });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  });

  test("an unknown, a revoked and a mistyped key cannot be told apart", async () => {
    const issued = await call(api.url, "POST", "/api-keys", { key: api.customer.key, body: {} });
    await call(api.url, "DELETE", `/api-keys/${member(issued.body["key_id"])}`, { key: api.customer.key });
    const tries = [member(issued.body["api_key"]), api.services.keys.mint().key, `${api.customer.key}x`];
    const answers = await Promise.all(tries.map((key) => call(api.url, "GET", "/account", { key })));
    const shown = answers.map(({ status, body: { trace_id: _own, ...body } }) => JSON.stringify([status, body]));
    expect(new Set(shown).size).toBe(1);
    expect(shown[0]).toContain("invalid-api-key");
  });

  test("hostile names leave Object.prototype alone and the server answers on", async () => {
    for (const body of ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', "[".repeat(40_000)])
      expect((await call(api.url, "POST", "/marketplace/instances", { key: api.customer.key, ...json(body) })).status).toBeGreaterThanOrEqual(400);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect((await call(api.url, "GET", "/livez")).status).toBe(200);
  });
});

describe("limits", () => {
  test("a flood of one key is slowed down, and others go on", async () => {
    const limited = await startApi({ rate_limits: { per_key: 5, per_address: 0, bad_keys: 3 } });
    try {
      const answers = await Promise.all(Array.from({ length: 12 }, () => call(limited.url, "GET", "/account", { key: limited.customer.key })));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
      const refused = answers.find(({ status }) => status === 429);
      expect([refused && slug(refused), Number(refused?.headers.get("retry-after")) > 0]).toEqual(["rate-limited", true]);
      expect((await call(limited.url, "GET", "/account", { key: limited.publisher.key })).status).toBe(200);
      const guesses = [];
      for (let count = 0; count < 5; count += 1) guesses.push((await call(limited.url, "GET", "/account", { key: "ah_guess" })).status);
      expect(guesses).toEqual([401, 401, 401, 429, 429]);
      expect((await call(limited.url, "GET", "/livez")).status).toBe(200);
    } finally {
      await limited.close();
    }
  });
});
