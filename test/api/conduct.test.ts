import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { call, callAs, createInstance, manifest, member, registerAgent, slug } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

let api: TestApi;
let agent: string;
beforeAll(async () => {
  api = await startApi();
  agent = await registerAgent(api, "conduct", { pricing: { type: "hybrid", base_price: "5.00", price_per_hour: "0.10", price_per_request: "0.01" } });
});
afterAll(() => api.close());

const instances = "/marketplace/instances";

describe("the specification's shapes", () => {
  test("registering answers what the specification shows, and 200 for the very same again", async () => {
    const body = { metadata: { name: "remote", version: "1.0.0", protocol: "ACP", endpoint_url: "https://agents.example.com/x", pricing: { type: "per_request", price: 0.01, currency: "USD" } } };
    const first = await callAs(api, "publisher", "POST", "/agents/register", body);
    expect(first.body).toMatchObject({ agent_id: expect.stringMatching(/^agent-/), name: "remote", version: "1.0.0", lifecycle_stage: "registered", message: expect.any(String) });
    expect([first.status, (await callAs(api, "publisher", "POST", "/agents/register", body)).status]).toEqual([201, 200]);
    const other = await callAs(api, "publisher", "POST", "/agents/register", { metadata: { ...body.metadata, endpoint_url: "https://agents.example.com/y" } });
    expect([other.status, slug(other)]).toEqual([409, "agent-already-registered"]);
  });

  test("a manifest may come as YAML", async () => {
    const yaml = "name: from-yaml\nversion: 1.0.0\nprotocol: ACP\ndocker: { image: 'myrepo/agent:v1.0', port: 8000 }\npricing: { type: per_hour, price: 0.1 }\n";
    const answer = await call(api.url, "POST", "/agents/register-docker", { key: api.publisher.key, body: yaml, headers: { "content-type": "application/yaml" } });
    expect([answer.status, answer.body["docker_image"]]).toEqual([201, "myrepo/agent:v1.0"]);
  });

  test("discovery shows availability, price, instances and performance", async () => {
    const { body } = await callAs(api, "customer", "GET", "/marketplace/agents?category=utility&limit=5");
    const found = (body["agents"] as Record<string, unknown>[]).find((entry) => entry["agent_id"] === agent);
    expect(found?.["marketplace_info"]).toMatchObject({
      availability: { available: true, max_instances: 10, current_instances: expect.any(Number) },
      pricing_info: { type: "hybrid", price: 5, currency: "USD" }, customer_instances: expect.any(Number), total_instances: expect.any(Number),
      performance_metrics: { average_response_time: null, success_rate: null, availability: null },
    });
  });

  test("an instance, its bill and the dashboard have the specification's members", async () => {
    const created = await callAs(api, "customer", "POST", instances, { agent_id: agent, instance_config: { memory_limit: "512M", cpu_limit: "0.5" } });
    expect([created.status, created.headers.get("location")]).toEqual([201, `${instances}/${member(created, "instance_id")}`]);
    const executed = await callAs(api, "customer", "POST", `${instances}/${member(created, "instance_id")}/execute`, { endpoint: "/process", parameters: { input: "data to process" }, timeout: 30 });
    expect(executed.body).toMatchObject({ task_id: expect.any(String), endpoint: "/process", status: "completed", result: { echo: { input: "data to process" } }, cost: 0.01, execution_time: expect.any(Number) });
    const shown = await callAs(api, "customer", "GET", `${instances}/${member(created, "instance_id")}`);
    expect(shown.body).toMatchObject({
      status: "running", lifecycle_stage: "active", customer_id: api.customer.account_id, instance_config: { memory_limit: "512M", cpu_limit: "0.5" },
      health_status: { healthy: true, last_heartbeat: expect.any(String), error_count: 0, last_error: null },
      billing_info: { total_cost: expect.any(Number), usage_time: expect.any(Number), task_executions: 1, cost_breakdown: { base_cost: 5, usage_cost: expect.any(Number), task_cost: 0.01 } },
      resource_usage: { task_count: 1, uptime: expect.any(Number) }, connection: { protocol: "http", connected: true },
    });
    expect(shown.text).toMatch(/"base_cost":5\.00,/);
    const dashboard = await callAs(api, "customer", "GET", "/marketplace/dashboard");
    expect(dashboard.body).toMatchObject({
      summary: { total_instances: expect.any(Number), running_instances: expect.any(Number), paused_instances: 0, total_cost: expect.any(Number), total_uptime_hours: expect.any(Number) },
      billing: { current_month_cost: expect.any(Number), currency: "USD" }, customer_id: api.customer.account_id,
    });
    expect((dashboard.body["recent_instances"] as unknown[]).length).toBeGreaterThan(0);
  });

  test("a task that fails is a problem with its id, costs nothing, and stays in the history", async () => {
    const id = await createInstance(api, agent);
    const failed = await callAs(api, "customer", "POST", `${instances}/${id}/execute`, { endpoint: "/fail" });
    expect([failed.status, slug(failed), failed.body["upstream_body"]]).toEqual([502, "agent-failed", { error: "out of luck" }]);
    expect((await callAs(api, "customer", "GET", `/tasks/${member(failed, "task_id")}`)).body).toMatchObject({ status: "failed", cost: 0, error: { code: "agent-failed", upstream_status: 500, upstream_body: { error: "out of luck" } } });
    const slow = await callAs(api, "customer", "POST", `${instances}/${id}/execute`, { endpoint: "/slow" }, { prefer: "respond-async" });
    expect([slow.status, slow.body["status"], slow.headers.get("location")]).toEqual([202, "pending", `/tasks/${member(slow, "task_id")}`]);
    expect((await callAs(api, "customer", "GET", `/tasks/${member(slow, "task_id")}`)).body["status"]).toBe("running");
    expect((await callAs(api, "customer", "POST", `/tasks/${member(slow, "task_id")}/cancel`)).body).toMatchObject({ status: "cancelled", cost: 0 });
    const { body } = await callAs(api, "customer", "GET", `${instances}/${id}/tasks?status=cancelled`);
    expect((body["tasks"] as { task_id: string }[]).map(({ task_id }) => task_id)).toEqual([member(slow, "task_id")]);
  });

  test("bills agree with a replay of the events", async () => {
    expect((await callAs(api, "customer", "GET", "/billing/audit")).body).toMatchObject({ agrees: true, differences: [], scope: { account: api.customer.account_id } });
    const month = new Date().toISOString().slice(0, 7);
    expect((await callAs(api, "customer", "GET", `/billing/summary?month=${month}`)).body).toMatchObject({ month, currency: "USD" });
    expect((await callAs(api, "customer", "GET", "/billing/summary?month=2001-01")).body).toMatchObject({ month: "2001-01", total_cost: 0, agents: [] });
    expect((await callAs(api, "publisher", "GET", "/publisher/revenue")).body).toMatchObject({ publisher_id: api.publisher.account_id, revenue: [{ currency: "USD" }] });
  });

  test("an instance's history, logs, figures and usage can be read", async () => {
    const id = await createInstance(api, agent);
    const events = await callAs(api, "customer", "GET", `${instances}/${id}/events?limit=1`);
    expect(events.body["events"]).toMatchObject([{ type: "InstanceRequested", description: expect.any(String) }]);
    expect(events.text).not.toMatch(/content_hash|secret_ref|127\.0\.0\.1/);
    const next = await callAs(api, "customer", "GET", `${instances}/${id}/events?limit=5&cursor=${member(events, "next_cursor")}`);
    expect(next.body).toMatchObject({ events: [{ type: "InstanceStarted" }], next_cursor: null });
    expect((await callAs(api, "customer", "GET", `${instances}/${id}/logs?tail=10`)).body).toMatchObject({ logs: [{ text: "hello" }] });
    expect((await callAs(api, "customer", "GET", `${instances}/${id}/logs?follow=true`)).text).toBe('{"at":"2026-11-01T00:00:00.000Z","stream":"stdout","text":"hello"}\n');
    expect((await callAs(api, "customer", "GET", `${instances}/${id}/logs?follow=true`, undefined, { accept: "text/event-stream" })).text).toMatch(/^data: \{/);
    expect((await callAs(api, "customer", "GET", `${instances}/${id}/metrics`)).body).toMatchObject({ metrics: [] });
    expect((await callAs(api, "customer", "GET", `${instances}/${id}/usage`)).body).toMatchObject({ instance_id: id, tasks: 0 });
  });
});

describe("an instance's life", () => {
  test("pausing twice changes nothing; what does not run takes no task; what is stopped stays stopped", async () => {
    const id = await createInstance(api, agent);
    const at = (verb: string) => callAs(api, "customer", "POST", `${instances}/${id}/${verb}`);
    expect((await at("pause")).body).toMatchObject({ status: "paused", lifecycle_stage: "paused", message: "Instance paused." });
    const head = api.services.tail.head;
    expect([(await at("pause")).status, api.services.tail.head]).toEqual([200, head]);
    const refused = await callAs(api, "customer", "POST", `${instances}/${id}/execute`, { endpoint: "/process" });
    expect([refused.status, slug(refused)]).toEqual([409, "instance-not-running"]);
    expect((await at("resume")).body["status"]).toBe("running");
    const ended = await callAs(api, "customer", "DELETE", `${instances}/${id}`);
    expect(ended.body).toMatchObject({ status: "stopped", lifecycle_stage: "terminated", message: "Instance terminated." });
    expect((await callAs(api, "customer", "DELETE", `${instances}/${id}`)).status).toBe(200);
    const late = await at("pause");
    expect([late.status, slug(late), late.body["current_status"]]).toEqual([409, "invalid-state-transition", "stopped"]);
  });

  test("a full agent is refused, and free again when an instance has ended; then it can be deregistered", async () => {
    const small = await registerAgent(api, "small", { limits: { max_instances: 1 } });
    const id = await createInstance(api, small);
    const full = await callAs(api, "customer", "POST", instances, { agent_id: small });
    expect([full.status, slug(full)]).toEqual([409, "capacity-exhausted"]);
    const busy = await callAs(api, "publisher", "DELETE", `/agents/${small}`);
    expect([busy.status, slug(busy)]).toEqual([409, "agent-has-active-instances"]);
    await callAs(api, "customer", "DELETE", `${instances}/${id}`);
    const again = await createInstance(api, small);
    await callAs(api, "customer", "DELETE", `${instances}/${again}`);
    expect((await callAs(api, "publisher", "DELETE", `/agents/${small}`)).body["lifecycle_stage"]).toBe("deregistered");
    expect((await callAs(api, "customer", "GET", `/marketplace/agents/${small}`)).status).toBe(404);
    expect((await callAs(api, "customer", "GET", `/agents/${small}`)).body["lifecycle_stage"]).toBe("deregistered");
  });

  test("a change of price and description is for what comes; a new version keeps the id", async () => {
    const changing = await registerAgent(api, "changing");
    await callAs(api, "publisher", "PATCH", `/agents/${changing}`, { description: "Better", pricing: { type: "per_request", price: "0.02" } });
    const published = await callAs(api, "publisher", "POST", `/agents/${changing}/versions`, { docker_image: "myrepo/agent:v2", metadata: manifest("changing", { version: "2.0.0" }) });
    expect([published.status, published.body["agent_id"], published.body["version"]]).toEqual([201, changing, "2.0.0"]);
    expect((await callAs(api, "customer", "GET", `/agents/${changing}`)).body).toMatchObject({ version: "2.0.0", versions: ["1.0.0", "2.0.0"] });
  });

  test("an account in another currency is refused", async () => {
    const { key } = await api.account("Euro", ["customer"], "EUR");
    const answer = await call(api.url, "POST", instances, { key, body: { agent_id: agent } });
    expect([answer.status, slug(answer)]).toEqual([422, "currency-mismatch"]);
  });
});

describe("asking again", () => {
  test("the same key answers the same, to the byte, and makes nothing new", async () => {
    const send = () => callAs(api, "customer", "POST", instances, { agent_id: agent }, { "idempotency-key": "again" });
    const first = await send();
    const second = await send();
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect([first.headers.get("idempotent-replayed"), second.headers.get("idempotent-replayed")]).toEqual([null, "true"]);
    const other = await callAs(api, "customer", "POST", instances, { agent_id: agent, instance_config: { memory_limit: "64M" } }, { "idempotency-key": "again" });
    expect([other.status, slug(other)]).toEqual([422, "idempotency-key-reused"]);
  });

  test("many at once with one key make one instance", async () => {
    const own = await registerAgent(api, "once");
    const answers = await Promise.all(Array.from({ length: 20 }, () => callAs(api, "customer", "POST", instances, { agent_id: own }, { "idempotency-key": "crowd" })));
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map((answer) => answer.body["instance_id"])).size).toBe(1);
    expect(answers.filter(({ status }) => status !== 201).every((answer) => answer.status === 409 && slug(answer) === "idempotency-in-progress")).toBe(true);
    expect((await callAs(api, "customer", "GET", `${instances}?agent_id=${own}`)).body["instances"]).toHaveLength(1);
  });

  test("what was refused does not use the key up, and two accounts may use the same one", async () => {
    const headers = { "idempotency-key": "shared" };
    expect((await callAs(api, "customer", "POST", instances, { agent_id: agent, instance_config: { memory_limit: "no" } }, headers)).status).toBe(422);
    const [mine, theirs] = [await callAs(api, "customer", "POST", instances, { agent_id: agent }, headers), await callAs(api, "stranger", "POST", instances, { agent_id: agent }, headers)];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(mine.body["instance_id"]).not.toBe(theirs.body["instance_id"]);
  });

  test("an account and a key are opened once under one key", async () => {
    const open = () => callAs(api, "operator", "POST", "/admin/accounts", { name: "Once", roles: ["customer"] }, { "idempotency-key": "open" });
    const [first, second] = [await open(), await open()];
    expect([first.status, second.text]).toEqual([201, first.text]);
    expect((await call(api.url, "GET", "/account", { key: member(first, "api_key") })).body).toMatchObject({ name: "Once", roles: ["customer"], currency: "USD" });
  });
});
