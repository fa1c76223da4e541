import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { instanceOut } from "#api/rest/outputs.ts";
import type { Route } from "#api/rest/route.ts";
import { type Answered, call, createInstance, member, registerAgent } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

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

  test("every command answers what its declaration promises", async () => {
    const metadata = { name: "told", version: "1.0.0", endpoint: "https://agents.example/told", endpoints: ["/process", "/fail", "/slow"].map((path) => ({ path, description: "Works" })) };
    const instances = "/marketplace/instances";
    async function told(method: string, path: string, template: string, body?: unknown): Promise<Answered> {
      const answer = await call(api.url, method, path, { key: api.operator.key, ...(body === undefined ? {} : { body }) });
      const declared = api.api.routes.find((route) => route.method === method.toLowerCase() && route.path === template)?.responses[answer.status];
      expect({ template, status: answer.status, issues: declared?.safeParse(answer.body).error?.issues, declared: declared !== undefined }).toEqual({ template, status: answer.status, issues: undefined, declared: true });
      return answer;
    }
    const agent = member(await told("POST", "/agents/register", "/agents/register", { metadata }), "agent_id");
    await told("POST", "/agents/register-docker", "/agents/register-docker", { docker_image: "told/image:1", metadata: { name: "told-docker", version: "1.0.0" } });
    await told("POST", `/agents/${agent}/versions`, "/agents/{id}/versions", { metadata: { ...metadata, version: "1.1.0" } });
    await told("PATCH", `/agents/${agent}`, "/agents/{id}", { description: "Told", pricing: { type: "per_hour", price: "1.10" } });
    const instance = member(await told("POST", instances, instances, { agent_id: agent, instance_config: { memory_limit: "64M", labels: { a: "b" } } }), "instance_id");
    await told("GET", `${instances}/${instance}`, `${instances}/{id}`);
    const done = member(await told("POST", `${instances}/${instance}/execute`, `${instances}/{id}/execute`, { endpoint: "/process" }), "task_id");
    await told("GET", `/tasks/${done}`, "/tasks/{id}");
    const failed = await call(api.url, "POST", `${instances}/${instance}/execute`, { key: api.operator.key, body: { endpoint: "/fail" } });
    await told("GET", `/tasks/${member(failed, "task_id")}`, "/tasks/{id}");
    const slow = await call(api.url, "POST", `${instances}/${instance}/execute`, { key: api.operator.key, body: { endpoint: "/slow" }, headers: { prefer: "respond-async" } });
    await told("POST", `/tasks/${member(slow, "task_id")}/cancel`, "/tasks/{id}/cancel", {});
    await told("POST", "/usage/events", "/usage/events", [{ specversion: "1.0", id: "1", source: "test", type: "usage", time: new Date().toISOString(), subject: instance, data: { meter: "pages", quantity: "1.50" } }, {}]);
    await told("GET", `${instances}/${instance}/usage`, `${instances}/{id}/usage`);
    await told("GET", "/billing/summary?month=2020-01", "/billing/summary");
    await told("GET", `/billing/summary?month=${new Date().toISOString().slice(0, 7)}`, "/billing/summary");
    await told("POST", `${instances}/${instance}/pause`, `${instances}/{id}/pause`, {});
    await told("POST", `${instances}/${instance}/resume`, `${instances}/{id}/resume`, {});
    await told("DELETE", `${instances}/${instance}`, `${instances}/{id}`);
    await told("DELETE", `/agents/${agent}`, "/agents/{id}");
    const key = member(await told("POST", "/api-keys", "/api-keys", { label: "told" }), "key_id");
    await told("DELETE", `/api-keys/${key}`, "/api-keys/{id}");
    await told("POST", "/admin/accounts", "/admin/accounts", { name: "Told", roles: ["customer"] });
    await told("POST", "/admin/projections/instances/rebuild", "/admin/projections/{name}/rebuild", {});
  });

  test("an instance is answered whole, in its true status, while read models are behind or know nothing of it", async () => {
    const { readModels, readModels: { reader } } = api.services;
    const [waitFor, get] = [readModels.waitFor.bind(readModels), reader.get.bind(reader)];
    const request = (method: string, path: string, body: object) => call(api.url, method, path, { key: api.customer.key, body });
    const statusOf = ({ body }: Answered) => instanceOut.parse(body).status;
    try {
      readModels.waitFor = async () => false;
      reader.get = async (of, id) => (of.name === "instances" ? null : get(of, id));
      const made = await request("POST", "/marketplace/instances", { agent_id: values["agent"] });
      expect([made.status, statusOf(made)]).toEqual([201, "running"]);
      const path = `/marketplace/instances/${member(made, "instance_id")}`;
      expect(statusOf(await request("POST", `${path}/pause`, {}))).toBe("paused");
      reader.get = get;
      expect(statusOf(await request("POST", `${path}/resume`, {}))).toBe("running");
    } finally {
      readModels.waitFor = waitFor;
      reader.get = get;
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
