import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { emptyMeter, measure } from "#domain/billing/meter.ts";
import { lifetimeCharge } from "#domain/billing/cost.ts";
import { instanceStartFailed } from "#domain/instance/events.ts";
import { usageStream } from "#domain/kernel/ids.ts";
import { taskAdmitted, taskLost } from "#domain/usage/usage.ts";
import { openSqliteReadModels } from "#infra/sqlite/read-models.ts";
import { accounts, accountView } from "#projections/accounts.ts";
import { activity, activityView } from "#projections/activity.ts";
import { agentMetrics, agentPerformance } from "#projections/agent-performance.ts";
import { agents, agentView } from "#projections/agents.ts";
import { apiKeys, principalOf } from "#projections/api-keys.ts";
import { BillingTotals, RevenueTotals } from "#projections/billing-summary.ts";
import { customers, liveCount } from "#projections/customers.ts";
import { DashboardTotals, dashboardView } from "#projections/dashboard.ts";
import { projections } from "#projections/index.ts";
import { billingView, instanceBilling } from "#projections/instance-billing.ts";
import { instanceView, leftLists } from "#projections/instance-view.ts";
import { instances } from "#projections/instances.ts";
import type { ReadModels } from "#projections/ports.ts";
import { Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import { searchTokens } from "#projections/search.ts";
import { tasks, taskView } from "#projections/tasks.ts";
import { usageMonthId, usageMonths, usageView } from "#projections/usage.ts";
import { History, hybrid, idOf } from "#test/support/history.ts";

const [publisher, customer, agent, instance] = [idOf("account", 1), idOf("account", 2), idOf("agent", 1), idOf("instance", 1)];
/** As it goes over the wire: raw numbers keep their digits. */
const wire = (value: unknown): string => JSON.stringify(value);
const json = (value: unknown): Record<string, unknown> => JSON.parse(wire(value)) as Record<string, unknown>;

let models: ReadModels;
let reader: Reader;

beforeEach(() => {
  models = openSqliteReadModels(":memory:");
  reader = new Reader(models);
});
afterEach(() => models.close());

async function project(history: History): Promise<void> {
  const projector = new Projector({ models, feed: history.feed(), projections, pause: () => Promise.resolve() });
  while (await projector.step());
  expect(projector.status().map(({ name, parked, last_error }) => ({ name, parked, last_error })))
    .toEqual(projections.map(({ name }) => ({ name, parked: 0, last_error: null })));
}

async function found<T>(promise: Promise<T | null>): Promise<T> {
  const value = await promise;
  if (value === null) throw new Error("there is no such document");
  return value;
}

// One hour runs before the pause, a day passes paused, half an hour runs after it; two tasks succeed and three requests are reported.
const lived = () => new History().open(1, ["publisher"]).open(2).register(1, 1)
  .request(1).after(30).started(1).after(1800).task(1, 1, 2).degraded(1).after(598).recovered(1).after(1200).pauseRequested(1)
  .after(5).paused(1).after(86_400).resumeRequested(1).after(1).resumed(1).after(1790).task(1, 2, 4).task(1, 3, 1, "fails").task(1, 4, 5, "is cancelled")
  .reported(1, "r1", "requests", "3").reported(1, "r2", "tokens", "12.5");

describe("an instance", () => {
  test("shows the exact bill of its life: the base, ninety minutes and five requests", async () => {
    const history = lived();
    await project(history);
    const document = await found(reader.get(instances, instance));
    const view = instanceView(document, history.now, null);
    expect(wire(view.billing_info)).toBe(
      '{"total_cost":5.20,"cost_breakdown":{"base_cost":5.00,"usage_cost":0.15,"task_cost":0.05},"usage_time":5400,"task_executions":2,'
      + '"requests":5,"current_month_cost":5.20,"rate_per_hour":0.10,"currency":"USD","pricing_type":"hybrid"}');
    expect(view.resource_usage).toMatchObject({ uptime: 5400, task_count: 4, cpu_usage: null, sampled_at: null });
    expect(view.health_status).toEqual({
      healthy: true, last_heartbeat: "2026-01-11T01:00:36.000Z", error_count: 1, last_error: "no answer",
    });
    expect(view.performance_metrics).toEqual({ average_response_time: 3, success_rate: 2 / 3, availability: (5400 - 598) / 5400 });
    expect(view).toMatchObject({
      instance_id: instance, agent_id: agent, agent_name: "Sentiment 1", agent_version: "1.0.0", customer_id: customer, status: "running",
      lifecycle_stage: "active", paused_at: null, stopped_at: null, instance_config: { memory_limit: "512M", labels: { team: "blue" } },
      connection: { protocol: "http", connected: true }, task_counts: { running: 0, completed: 2, failed: 1, cancelled: 1 },
    });
  });

  test("costs nothing more while it is paused, and shows what a sample says", async () => {
    const history = lived().pauseRequested(1).after(1).paused(1);
    await project(history);
    const document = await found(reader.get(instances, instance));
    const at = Date.parse("2026-01-11T02:00:00.000Z");
    const sample = {
      instance_id: instance, at, cpu_percent: 12.5, memory_bytes: 256, memory_limit_bytes: 1024, network_rx_bytes: 3, network_tx_bytes: 4,
      healthy: true, response_ms: 5,
    };
    const view = instanceView(document, "2026-01-20T00:00:00.000Z", sample);
    expect(wire(view.billing_info.total_cost)).toBe("5.20");
    expect(wire(view.billing_info.rate_per_hour)).toBe("0.00");
    expect(view).toMatchObject({
      status: "paused", lifecycle_stage: "paused", health_status: { last_heartbeat: "2026-01-11T02:00:00.000Z" }, connection: { connected: false },
      resource_usage: { cpu_usage: 12.5, memory_usage: 25, network_usage: 7, uptime: 5400, sampled_at: "2026-01-11T02:00:00.000Z" },
    });
  });

  test("is listed by its customer, status, agent and labels, and leaves lists 30 days after its end", async () => {
    const history = lived().request(2);
    await project(history);
    const list = async (...tokens: string[]) =>
      (await reader.query(instances, { index: "by_customer", equals: { customer_id: customer }, tokens, descending: true, limit: 10 })).map((one) => one.instance_id);
    expect(await list()).toEqual([idOf("instance", 2), instance]);
    expect(await list("status:running")).toEqual([instance]);
    expect(await list("status:starting", `agent:${agent}`, "label:team=blue")).toEqual([idOf("instance", 2)]);
    history.terminationRequested(1).terminated(1);
    await project(history);
    const live = () => reader.query(instances, { index: "live", equals: { live: true }, limit: 10 });
    expect((await live()).map((one) => one.instance_id)).toEqual([instance, idOf("instance", 2)]);
    history.release(1);
    await project(history);
    expect((await live()).map((one) => one.instance_id)).toEqual([idOf("instance", 2)]);
    const document = await found(reader.get(instances, instance));
    expect([leftLists(document, "2026-02-09T00:00:00.000Z"), leftLists(document, "2026-02-11T00:00:00.000Z")]).toEqual([false, true]);
  });
});

test("an instance that failed stays listed and looked after until it is deleted: its container is there", async () => {
  const history = new History().open(1, ["publisher"]).open(2).register(1, 1).request(1).after(5);
  history.live(1, (instance_id) => instanceStartFailed({ instance_id, attempt: 1, reason: "start-timeout" })).release(1);
  await project(history);
  const document = await found(reader.get(instances, instance));
  expect(document).toMatchObject({ status: "failed", live: true });
  expect(leftLists(document, "2027-01-01T00:00:00.000Z")).toBe(false);
  expect(json(instanceView(document, history.now, null))).toMatchObject({
    status: "failed", lifecycle_stage: "terminated", stopped_at: history.now, health_status: { healthy: false, error_count: 1, last_error: "start-timeout" },
  });
  history.terminationRequested(1).terminated(1);
  await project(history);
  expect(leftLists(await found(reader.get(instances, instance)), "2027-01-01T00:00:00.000Z")).toBe(true);
});

describe("an instance that has ended", () => {
  test("stays in sight of the full pass while a task of it is open, since its executor may be gone", async () => {
    const [task_id, about] = [`task-20260110-${idOf("x", 1).slice(2)}`, { account: customer, agent, instance }];
    const stream = usageStream(instance, "20260110");
    const admitted = taskAdmitted({ task_id, instance_id: instance, endpoint: "/x", timeout_s: 60, deadline: "2026-01-10T00:02:00.000Z", executor: "gone", parameters_hash: "h" });
    const history = new History().open(1, ["publisher"]).open(2).register(1, 1).request(1).started(1)
      .push(stream, admitted, about).terminationRequested(1).terminated(1).release(1);
    await project(history);
    expect(await found(reader.get(instances, instance))).toMatchObject({ status: "stopped", slot: false, live: true });
    await project(history.push(stream, taskLost({ task_id, instance_id: instance }), about));
    expect(await found(reader.get(instances, instance))).toMatchObject({ status: "stopped", live: false });
  });
});

describe("a bill", () => {
  test("equals a fold of the events by the billing rules alone, at any later instant", async () => {
    const history = lived();
    await project(history);
    const document = await found(reader.get(instanceBilling, instance));
    const meter = history.events.filter(({ metadata }) => metadata.instance === instance).reduce(measure, emptyMeter);
    expect(document.meter).toEqual(meter);
    const later = "2026-03-05T12:34:56.789Z";
    const view = billingView(document, later);
    expect(view.total_cost_micros).toBe(String(lifetimeCharge(meter, hybrid, later).total));
    expect(view.months.reduce((sum, month) => sum + BigInt(month.total_cost_micros), 0n)).toBe(BigInt(view.total_cost_micros));
    expect(view.months.map(({ month }) => month)).toEqual(["2026-01", "2026-02", "2026-03"]);
  });

  test("adds up to a customer's summary and a publisher's revenue by agent and month", async () => {
    const history = lived().register(2, 1).request(2, { agent: 2 }).started(2).after(3600);
    await project(history);
    const [summary, revenue] = [new BillingTotals(history.now), new RevenueTotals(history.now)];
    for await (const bill of reader.all(instanceBilling, { index: "by_customer", equals: { customer_id: customer } })) summary.add(bill);
    for await (const bill of reader.all(instanceBilling, { index: "by_publisher", equals: { publisher_id: publisher } })) revenue.add(bill);
    expect(json(summary.view("USD"))).toMatchObject({
      currency: "USD", instances: 2, total_cost: 10.4, total_cost_micros: "10400000", current_month_cost: 10.4,
      months: [{ month: "2026-01", total_cost: 10.4, task_executions: 2 }],
      agents: [{ agent_id: agent, total_cost_micros: "5300000" }, { agent_id: idOf("agent", 2), total_cost_micros: "5100000" }],
    });
    expect(json(revenue.view(publisher))).toMatchObject({ publisher_id: publisher, revenue: [{ currency: "USD", total_cost: 10.4, agents: [{}, {}] }] });
  });
});

describe("an agent", () => {
  test("shows the marketplace's figures from real events", async () => {
    const history = lived();
    await project(history);
    const document = await found(reader.get(agents, agent));
    const performance = agentMetrics(await reader.get(agentPerformance, agent), history.now);
    const customer_instances = liveCount(await reader.get(customers, customer), agent);
    const view = agentView(document, { customer_instances, performance });
    expect(json(view["marketplace_info"])).toEqual({
      availability: { available: true, max_instances: 2, current_instances: 1 },
      pricing_info: {
        type: "hybrid", price: 5, currency: "USD", base_price: 5, base_period: "once", price_per_request: 0.01, price_per_minute: 0,
        price_per_hour: 0.1, increment_s: 1,
      },
      customer_instances: 1, total_instances: 1,
      performance_metrics: { average_response_time: 3, success_rate: 2 / 3, availability: (5400 - 598) / 5400 },
    });
    expect(view).toMatchObject({ agent_id: agent, id: agent, name: "Sentiment 1", type: "docker", lifecycle_stage: "active", publisher_id: publisher });
  });

  test("is found by words, tags and availability, and sorted by exact price", async () => {
    const price = (amount: string) => ({ ...hybrid, type: "per_hour" as const, base_price: "0", price_per_request: "0", price_per_hour: amount });
    const history = new History().open(1, ["publisher"]).open(2).register(1, 1, price("10")).register(2, 1, price("9.5")).register(3, 1, price("0.000001"))
      .request(1, { agent: 2 }).request(2, { agent: 2 });
    await project(history);
    const list = async (index: string, equals: Record<string, boolean | string>, tokens: string[] = []) =>
      (await reader.query(agents, { index, equals: { listed: true, ...equals }, tokens, limit: 10 })).map((one) => one.agent_id);
    const [first, second, third] = [idOf("agent", 1), idOf("agent", 2), idOf("agent", 3)];
    expect(await list("by_price", { pricing_type: "per_hour" })).toEqual([third, second, first]);
    expect(await list("by_name", {}, ["available", "tag:nlp", "category:data-analysis"])).toEqual([first, third]);
    expect(await list("by_newest", {}, searchTokens("Sentim TEXT 2"))).toEqual([second]);
    expect(await list("by_popularity", {}, ["protocol:acp"])).toEqual([]);
    history.live(1, () => ({ type: "AgentDeregistered", data: { agent_id: third } }));
    await project(history);
    expect(await list("by_success_rate", {})).toEqual([first, second]);
  });
});

describe("a customer", () => {
  test("has a dashboard as specified", async () => {
    const history = lived();
    await project(history);
    const totals = new DashboardTotals(history.now);
    for await (const document of reader.all(instances, { index: "by_customer", equals: { customer_id: customer } })) totals.add(document, null);
    const recent = (await reader.query(instances, { index: "by_customer_changed", equals: { customer_id: customer }, descending: true, limit: 5 }))
      .map((document) => ({ document, sample: null }));
    const latest = await reader.query(activity, { index: "by_account", equals: { account_id: customer }, descending: true, limit: 10 });
    const view = dashboardView({ customer_id: customer, currency: "USD", now: history.now, totals, recent, activity: latest });
    expect(json(view)).toMatchObject({
      summary: { total_instances: 1, running_instances: 1, paused_instances: 0, failed_instances: 0, stopped_instances: 0, total_cost: 5.2, total_uptime_hours: 1.5 },
      billing: { current_month_cost: 5.2, currency: "USD" }, recent_instances: [{ instance_id: instance }], customer_id: customer,
      resource_usage: { task_count: 4 },
    });
    expect(latest.map(activityView).map(({ description }) => description).slice(0, 3))
      .toEqual(["The instance runs again", "The instance is to resume", "The instance is paused"]);
  });

  test("is found by the hash of a key, until the key is revoked", async () => {
    const history = new History().open(2);
    await project(history);
    const account = await found(reader.get(accounts, customer));
    expect(principalOf(await found(reader.get(apiKeys, "hash-2")), account)).toMatchObject({ account_id: customer, roles: ["customer"], currency: "USD", key_id: "key-2" });
    expect(accountView(account).api_keys).toMatchObject([{ key_id: "key-2", hint: "ah_1" }]);
    history.push(customer, { type: "ApiKeyRevoked", data: { account_id: customer, key_id: "key-2", key_hash: "hash-2" } }, { account: customer });
    await project(history);
    expect(principalOf(await found(reader.get(apiKeys, "hash-2")), account)).toBeNull();
    expect(accountView(await found(reader.get(accounts, customer))).api_keys).toEqual([]);
  });
});

describe("usage", () => {
  test("lists an instance's tasks with what each cost", async () => {
    const history = lived();
    await project(history);
    const page = await reader.query(tasks, { index: "by_instance", equals: { instance_id: instance }, descending: true, limit: 10 });
    expect(page.map((task) => json(taskView(task, hybrid)))).toMatchObject([
      { status: "cancelled", cost: 0, error: { code: "task-cancelled" } }, { status: "failed", cost: 0, error: { code: "agent-failed" } },
      { status: "completed", cost: 0.01, execution_time: 4, agent_id: agent, endpoint: "/analyze", usage: { requests: 1 } },
      { status: "completed", cost: 0.01, execution_time: 2 },
    ]);
  });

  test("counts requests and custom meters by day, whatever their names", async () => {
    const history = lived().reported(1, "r3", "__proto__", "1").reported(1, "r4", "$a.b", "0.000000000001");
    await project(history);
    const month = await found(reader.get(usageMonths, usageMonthId(instance, "2026-01")));
    expect(json(usageView(month))).toEqual({
      instance_id: instance, month: "2026-01", tasks: 2,
      meters: [{ meter: "$a.b", quantity: 1e-12 }, { meter: "__proto__", quantity: 1 }, { meter: "requests", quantity: 5 }, { meter: "tokens", quantity: 12.5 }],
      days: [
        { day: "2026-01-10", tasks: 1, records: 0, meters: [{ meter: "requests", quantity: 1 }] },
        { day: "2026-01-11", tasks: 1, records: 4, meters: [
          { meter: "$a.b", quantity: 1e-12 }, { meter: "__proto__", quantity: 1 }, { meter: "requests", quantity: 4 }, { meter: "tokens", quantity: 12.5 },
        ] },
      ],
    });
  });
});
