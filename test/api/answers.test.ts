import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Route } from "#api/rest/route.ts";
import { call, createInstance, member, registerAgent, startApi, type TestApi } from "./support.ts";

let api: TestApi;
let values: Record<string, string>;

beforeAll(async () => {
  api = await startApi();
  const agent = await registerAgent(api, "answers", { pricing: { type: "hybrid", base_price: 1, price_per_minute: "0.5", price_per_request: "0.1" } });
  const instance = await createInstance(api, agent, api.operator.key);
  const task = await call(api.url, "POST", `/marketplace/instances/${instance}/execute`, { key: api.operator.key, body: { endpoint: "/process" } });
  values = { agent, instance, task: member(task, "task_id"), account: api.customer.account_id, text: "not-found" };
});
afterAll(() => api.close());

const at = (route: Route): string => route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => values[route.params?.[name] ?? ""] ?? "");

describe("answers", () => {
  test("every GET answers what its declaration promises", async () => {
    for (const route of api.api.routes.filter(({ method }) => method === "get")) {
      const answer = await call(api.url, "GET", at(route), { key: api.operator.key });
      const declared = route.responses[answer.status];
      const parsed = declared?.safeParse(answer.headers.get("content-type")?.startsWith("application/json") === true ? answer.body : answer.text);
      expect({ route: route.path, status: answer.status, issues: parsed?.error?.issues }).toEqual({ route: route.path, status: 200, issues: undefined });
    }
  });

  test("every list has its plural and a cursor", async () => {
    for (const path of ["/agents", "/marketplace/agents", "/marketplace/instances", "/api-keys", "/admin/accounts", "/billing/history", `/marketplace/instances/${values["instance"]}/tasks`, `/marketplace/instances/${values["instance"]}/events`]) {
      const { body } = await call(api.url, "GET", `${path}?limit=100`, { key: api.operator.key });
      expect(body["next_cursor"]).toBeNull();
      expect(Object.values(body).filter((value) => Array.isArray(value))).toHaveLength(1);
    }
  });

  test("answers are not kept by caches, and carry the security headers", async () => {
    const { headers } = await call(api.url, "GET", "/account", { key: api.customer.key });
    expect([headers.get("cache-control"), headers.get("x-content-type-options"), headers.get("x-powered-by")]).toEqual(["no-store", "nosniff", null]);
  });
});
