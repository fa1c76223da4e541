import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Route } from "#api/rest/route.ts";
import { call, createInstance, member, registerAgent } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

const unknown = "01a22900-0000-7000-8000-000000000000";

let api: TestApi;
let ids: { own: Record<string, string>; absent: Record<string, string> };

beforeAll(async () => {
  api = await startApi();
  const agent = await registerAgent(api, "owned");
  const instance = await createInstance(api, agent);
  const { key } = api.customer;
  const task = await call(api.url, "POST", `/marketplace/instances/${instance}/execute`, { key, body: { endpoint: "/process" } });
  const issued = await call(api.url, "POST", "/api-keys", { key, body: {} });
  ids = {
    own: { agent, instance, task: member(task, "task_id"), key: member(issued, "key_id"), account: api.customer.account_id },
    absent: { agent: `agent-${unknown}`, instance: `instance-${unknown}`, task: `task-20261129-${unknown}`, key: `key-${unknown}`, account: `account-${unknown}` },
  };
});
afterAll(() => api.close());

/** Bodies that are valid, so that only ownership can refuse. */
const bodies: Readonly<Record<string, unknown>> = {
  "post /marketplace/instances/{id}/execute": { endpoint: "/process" },
  "patch /agents/{id}": { description: "mine now" },
  "post /agents/{id}/versions": { docker_image: "myrepo/agent:v2", metadata: { name: "owned", version: "2.0.0" } },
};
/** Agents and names are there for everybody; accounts are the operator's. */
const shared = new Set(["get /agents/{id}", "get /marketplace/agents/{id}", "get /problems/{slug}"]);

const named = (route: Route): string => `${route.method} ${route.path}`;
const at = (route: Route, values: Readonly<Record<string, string>>): string =>
  route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => values[route.params?.[name] ?? ""] ?? "malformed");
const send = (route: Route, path: string, key: string | undefined) => {
  const body = route.body === undefined ? undefined : bodies[named(route)] ?? {};
  return call(api.url, route.method.toUpperCase(), path, { key, ...(body === undefined ? {} : { body }) });
};

describe("what belongs to others does not exist", () => {
  test("every route about one object answers a foreign, an unknown and a malformed id alike, and changes nothing", async () => {
    const about = api.api.routes.filter((route) => route.params !== undefined && !shared.has(named(route)) && route.roles !== "public");
    expect(about.length).toBeGreaterThan(12);
    const before = api.services.tail.head;
    for (const route of about) {
      const texts = [];
      for (const path of [at(route, ids.own), at(route, ids.absent), at(route, {})]) {
        const answer = await send(route, path, api.stranger.key);
        const { trace_id: _own, ...body } = answer.body;
        texts.push(`${answer.status} ${JSON.stringify(body)}`);
      }
      expect({ route: named(route), answers: [...new Set(texts)] }).toEqual({ route: named(route), answers: [expect.stringMatching(/^(404|403) /)] });
      expect(texts[0]?.startsWith("403") ?? false).toBe(Array.isArray(route.roles) && route.roles.includes("operator"));
    }
    expect(api.services.tail.head).toBe(before);
  });

  test("every route that is not public asks for a key, and every role for its own", async () => {
    for (const route of api.api.routes.filter(({ roles }) => roles !== "public")) {
      expect({ route: named(route), status: (await send(route, at(route, ids.absent), undefined)).status }).toEqual({ route: named(route), status: 401 });
      if (!Array.isArray(route.roles) || route.roles.includes("customer")) continue;
      const answer = await send(route, at(route, ids.absent), api.customer.key);
      expect({ route: named(route), status: answer.status, type: member(answer, "type") }).toEqual({ route: named(route), status: 403, type: "/problems/insufficient-scope" });
    }
  });

  test("lists hold the caller's own", async () => {
    for (const path of ["/marketplace/instances", "/agents", "/api-keys", "/billing/history", "/acp/status"]) {
      const { text } = await call(api.url, "GET", path, { key: api.stranger.key });
      for (const id of [ids.own["instance"], ids.own["key"], ids.own["agent"]]) expect(text).not.toContain(id);
    }
    const asked = await call(api.url, "GET", `/marketplace/instances?customer_id=${api.customer.account_id}`, { key: api.stranger.key });
    expect([asked.status, member(asked, "type")]).toEqual([404, "/problems/account-not-found"]);
    const audited = await call(api.url, "GET", `/billing/audit?instance=${ids.own["instance"]}`, { key: api.stranger.key });
    expect(audited.status).toBe(404);
  });

  test("an operator sees what is anybody's", async () => {
    const { key } = api.operator;
    expect((await call(api.url, "GET", `/marketplace/instances/${ids.own["instance"]}`, { key })).status).toBe(200);
    const listed = await call(api.url, "GET", `/marketplace/instances?customer_id=${api.customer.account_id}`, { key });
    expect(listed.text).toContain(ids.own["instance"]);
    expect((await call(api.url, "GET", "/billing/audit", { key })).body).toMatchObject({ agrees: true, scope: {} });
  });

  test("a key of one instance reports its usage and nothing else", async () => {
    const instance = ids.own["instance"] ?? "";
    const refused = await call(api.url, "POST", "/api-keys", { key: api.customer.key, body: { instance_id: instance } });
    expect(refused.status).toBe(404);
    const issued = await call(api.url, "POST", "/api-keys", { key: api.publisher.key, body: { instance_id: instance } });
    const key = member(issued, "api_key");
    const report = { specversion: "1.0", id: "r1", source: "agent", type: "com.agenthub.usage", time: new Date().toISOString(), data: { meter: "requests", quantity: "2.5" } };
    expect((await call(api.url, "POST", "/usage/events", { key, body: report })).body).toMatchObject({ accepted: 1 });
    expect((await call(api.url, "POST", "/usage/events", { key, body: report })).body).toMatchObject({ duplicates: 1 });
    const conflict = await call(api.url, "POST", "/usage/events", { key, body: { ...report, data: { meter: "requests", quantity: 3 } } });
    expect([conflict.status, member(conflict, "type")]).toEqual([409, "/problems/usage-conflict"]);
    const foreign = await call(api.url, "POST", "/usage/events", { key, body: { ...report, data: { ...report.data, instance_id: ids.absent["instance"] } } });
    expect(foreign.status).toBe(404);
    expect((await call(api.url, "GET", "/account", { key })).status).toBe(403);
  });
});
