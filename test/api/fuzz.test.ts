import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Schema } from "#api/docs-schema.ts";
import { problems } from "#api/rest/problems.ts";
import { startTestApp, type TestApp } from "#test/support/app.ts";
import { testImage } from "#test/support/world.ts";
import { fuzzed, hostile, likely } from "./fuzz-values.ts";

interface Parameter { readonly name: string; readonly in: string; readonly schema: Schema }
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Sent { readonly method: string; readonly path: string; readonly key: string; readonly headers: Record<string, string>; readonly body: string | undefined }

let app: TestApp;
let description: { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>; readonly components: { readonly schemas: Readonly<Record<string, Schema>> } };
let ids: Record<string, string>;

beforeAll(async () => {
  app = await startTestApp();
  const agent = await app.registerAgent({ limits: { max_instances: 100 }, docker: { configurable_env: ["MODEL"] } });
  const instance = await app.createInstance(agent);
  const task = (await app.call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/p" } })).body.task_id as string;
  const account = (await app.call("GET", "/account")).body.account_id as string;
  ids = { agent, instance, task, account };
  description = (await app.call("GET", "/openapi.json")).body;
});
afterAll(() => app.close());

const known = (): Record<string, readonly unknown[]> => ({
  agent_id: [ids["agent"]], instance_id: [ids["instance"]], account_id: [ids["account"]], customer_id: [ids["account"]], docker_image: [testImage], image: [testImage],
  name: ["fuzz", "fuzz two"], version: ["1.0.0", "2.0.0"], endpoint: ["/p", "https://agents.example.com/a"], endpoint_url: ["https://agents.example.com/a"], path: ["/p", "/p?x=1"],
  memory_limit: ["128M"], memory: ["64M"], cpu_limit: ["0.5"], cpu: ["0.25"], time: [new Date().toISOString(), "2026-01-01T00:00:00+02:00"], quantity: [1, "2.5"],
  meter: ["requests"], currency: ["USD"], roles: [["customer"], ["publisher", "customer"]], month: ["2026-01"], period: ["2026-01"], from: ["2026-01-01T00:00:00Z"], to: ["2027-01-01T00:00:00Z"],
  pricing: [{ type: "per_request", price: "0.01" }, { type: "hybrid", base_price: 1, price_per_minute: "0.5", price_per_request: 0.1 }], protocol: ["http", "ACP"], registry_credentials: [{ username: "u", password: "p" }], price: ["0.01", 1], timeout: [1, 30], source: ["/a"], id: ["1", "2"], environment: [{ MODEL: "m" }],
});

// What is in a path: mostly what exists, so that a request gets past it.
const pathValues = (template: string): readonly string[] => [
  ...(template.includes("/tasks/") ? [ids["task"]] : template.startsWith("/agents") || template.startsWith("/marketplace/agents") ? [ids["agent"]] : [ids["instance"]]),
  ids["agent"], ids["instance"], "x", "", "..", "%00", "%ff", "__proto__", "constructor", "a".repeat(2000), "agent-1", "instance-00000000-0000-7000-8000-00000000000g", "💥", "a%2Fb", "a b",
].map((value) => (/%/.test(value ?? "") ? value ?? "" : encodeURIComponent(value ?? "")));

function requests(template: string, method: string, operation: Operation): fc.Arbitrary<Sent> {
  const { schemas } = description.components;
  const parameters = operation.parameters ?? [];
  const good = pathValues(template)[0] ?? "";
  const path = fc.tuple(...parameters.filter((parameter) => parameter.in === "path")
    .map(() => fc.oneof({ weight: 6, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: fc.constantFrom(...pathValues(template)) })));
  const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value) ?? "");
  const query = fc.tuple(...parameters.filter((parameter) => parameter.in === "query").map((parameter) => fc.option(
    fc.tuple(fc.constantFrom(parameter.name, parameter.name, parameter.name, `${parameter.name}[$ne]`, `${parameter.name}[]`), fuzzed(likely(parameter.schema, schemas, known(), parameter.name))), { freq: 2 })));
  const header = (name: string) => fc.option(fc.constantFrom(...hostile.filter((value): value is string => typeof value === "string" && /^[\x21-\x7e]{1,300}$/.test(value)).map((value) => [name, value] as const)), { freq: 5 });
  const content = Object.entries(operation.requestBody?.content ?? {});
  const body = content.length === 0 ? fc.constant(undefined) : fc.oneof(
    { weight: 12, arbitrary: fc.tuple(fc.constantFrom(...content.filter(([type]) => !type.includes("ndjson"))), fc.nat()).chain(([[type, { schema }]]) =>
      fuzzed(likely(schema, schemas, known())).map((value) => ({ type, text: JSON.stringify(value) ?? "null" }))) },
    { weight: 2, arbitrary: fc.record({
      type: fc.constantFrom(...content.map(([type]) => type), "text/plain", "application/json; charset=utf-16", "application/xml"),
      text: fc.constantFrom("", "{", "nul", "{}{}", "[".repeat(30_000), '{"a":1,"a":2}', '{"__proto__":{"x":1}}', "\u0000", "--- !!js/undefined x", "a: &a [*a]", '{"specversion":"1.0"}\n{'),
    }) });
  return fc.record({
    path, query, body, key: fc.constantFrom("operator", "operator", "operator", "publisher", "customer", "none" as const),
    extra: fc.tuple(header("prefer"), header("agenthub-min-cursor"), header("traceparent"), header("accept")),
  }).map(({ path: values, query: queries, body: sent, key, extra }) => {
    let at = 0;
    const filled = template.replaceAll(/\{\w+\}/g, () => values[at++] ?? "");
    const pairs = queries.filter((entry) => entry !== null).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(asText(value).toWellFormed())}`);
    return {
      method, path: `${filled}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`, key, body: sent?.text.toWellFormed(),
      headers: { ...Object.fromEntries(extra.filter((entry) => entry !== null)), ...(sent === undefined ? {} : { "content-type": sent.type }) },
    };
  });
}

async function send({ method, path, key, headers, body }: Sent) {
  const authorization = key === "none" ? {} : { authorization: `Bearer ${app.keys[key as "operator"]}` };
  const response = await fetch(app.url + path, { method, headers: { ...headers, ...authorization }, redirect: "manual", ...(body === undefined ? {} : { body }), signal: AbortSignal.timeout(60_000) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const leak = /node_modules|\/src\/|\bat [\w.<>]+ \(|\.ts:\d+|ZodError|TypeError|SyntaxError|RangeError|SQLITE|ECONN/;

/** What came of everything that was sent. */
class Seen {
  /** Refused requests by trace id. */
  readonly refused = new Map<string, string>();
  accepted = 0;

  async send(name: string, sent: Sent): Promise<void> {
    const { status, headers, text } = await send(sent);
    const shown = { ...sent, body: sent.body?.slice(0, 300), status, text: text.slice(0, 500) };
    if (status === 500 || leak.test(text)) throw new Error(JSON.stringify(shown));
    if (status < 300) {
      this.accepted += 1;
      return;
    }
    const problem = headers.get("content-type")?.startsWith("application/problem+json") === true ? JSON.parse(text) as { type: string; status: number } : undefined;
    const documented = problem !== undefined && Object.hasOwn(problems, problem.type.replace("/problems/", "")) && problem.status === status;
    if (!documented) throw new Error(`no documented problem: ${JSON.stringify(shown)}`);
    if (status < 500) this.refused.set(headers.get("x-request-id") ?? "", `${name} ${status} ${text.slice(0, 200)}`);
  }
}

// Not what rebuilds or copies everything at each call.
const spared = new Set(["POST /admin/backup", "POST /admin/projections/{name}/rebuild", "GET /admin/export"]);

describe("every operation of the OpenAPI document, with what nobody meant", () => {
  test("never a 500, no inside in an answer, every refusal a documented problem, and none with an effect", async () => {
    const seen = new Seen();
    const operations = Object.entries(description.paths).flatMap(([template, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ template, method: method.toUpperCase(), operation })));
    // What ends things comes last: before it there is an instance that runs.
    for (const { template, method, operation } of operations.toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"))) {
      const name = `${method} ${template}`;
      if (spared.has(name)) continue;
      if (template.includes("/instances/{id}")) await app.call("POST", `/marketplace/instances/${ids["instance"] ?? ""}/resume`);
      await fc.assert(fc.asyncProperty(requests(template, method, operation), (sent) => seen.send(name, sent)),
        { seed: 20_260_101, numRuns: operation.requestBody === undefined ? 20 : 70, endOnFailure: true });
    }
    const events = await app.world.stores.events.readAll({ max: 1_000_000 });
    const caused = events.filter((event) => seen.refused.has(event.metadata.correlation_id));
    expect(caused.map((event) => [event.type, seen.refused.get(event.metadata.correlation_id)])).toEqual([]);
    expect(Object.prototype).not.toHaveProperty("polluted");
    expect(seen.accepted).toBeGreaterThan(50);
    expect(seen.refused.size).toBeGreaterThan(500);
  }, 240_000);
});
