import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { problems } from "#api/rest/problems.ts";
import { call } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

let api: TestApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.close());

interface Operation { readonly responses: Readonly<Record<string, unknown>>; readonly operationId: string; readonly parameters?: readonly { readonly name: string; readonly in: string }[] }
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

describe("the interface describes itself", () => {
  test("openapi.json is valid OpenAPI 3.1", async () => {
    const { body } = await call(api.url, "GET", "/openapi.json");
    const { valid, errors } = await new Validator().validate(structuredClone(body));
    expect({ valid, errors }).toMatchObject({ valid: true });
  });

  test("every route is in it, with its parameters and answers, and every reference leads somewhere", async () => {
    const { body, text } = await call(api.url, "GET", "/openapi.json");
    const paths = body["paths"] as Paths;
    for (const route of api.api.routes) {
      const operation = paths[route.path]?.[route.method];
      expect({ route: route.path, statuses: Object.keys(operation?.responses ?? {}) }).toEqual({ route: route.path, statuses: [...Object.keys(route.responses), "default"] });
      const declared = operation?.parameters?.filter((parameter) => parameter.in === "path").map(({ name }) => name) ?? [];
      expect(declared).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
    }
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map((operation) => operation.operationId));
    expect(new Set(ids).size).toBe(ids.length);
    const components = body["components"] as { schemas: object };
    for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(Object.keys(components.schemas)).toContain(name);
    expect(text).not.toContain("#/$defs/");
  });

  test("every endpoint of the specification is there", () => {
    const known = new Set(api.api.routes.map((route) => `${route.method.toUpperCase()} ${route.path}`));
    for (const endpoint of [
      "POST /agents/register", "POST /agents/register-docker", "GET /marketplace/agents", "POST /marketplace/instances", "GET /marketplace/instances",
      "GET /marketplace/instances/{id}", "POST /marketplace/instances/{id}/execute", "POST /marketplace/instances/{id}/pause",
      "POST /marketplace/instances/{id}/resume", "DELETE /marketplace/instances/{id}", "GET /marketplace/dashboard",
    ]) expect(known).toContain(endpoint);
  });

  test("asyncapi.json names what the live feed sends and hears", async () => {
    const { body } = await call(api.url, "GET", "/asyncapi.json");
    expect(body).toMatchObject({ asyncapi: "3.0.0", channels: { live: { address: "/live" } }, operations: { send: { action: "send" }, receive: { action: "receive" } } });
    const { messages } = body["components"] as { messages: object };
    expect(Object.keys(messages)).toEqual(expect.arrayContaining(["subscribe", "snapshot", "instance_status", "instance_health", "instance_metrics", "cost_update"]));
  });

  test("the page for people needs nothing from elsewhere", async () => {
    const { status, text, headers } = await call(api.url, "GET", "/docs");
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(text).toContain("/marketplace/instances");
    expect(text).not.toMatch(/(?:src|href)="(?![/#]|data:,)|<script/);
  });

  test("every problem type has a page, and a status that is an error", async () => {
    for (const [code, [status, title]] of Object.entries(problems)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect((await call(api.url, "GET", `/problems/${code}`)).body).toMatchObject({ type: `/problems/${code}`, title, status });
    }
  });

  test("health and figures tell nothing of accounts and need no key", async () => {
    for (const path of ["/livez", "/readyz", "/health", "/metrics"]) expect((await call(api.url, "GET", path)).status).toBe(200);
    const { text } = await call(api.url, "GET", "/metrics");
    expect(text).toContain("agenthub_http_requests_total");
    expect(text).not.toContain(api.customer.account_id);
  });
});
