import { describe, expect, test } from "@jest/globals";
import { emptyMeter, measure } from "#domain/billing/meter.ts";
import { lifetimeCharge } from "#domain/billing/cost.ts";
import { accounts, accountView } from "#projections/accounts.ts";
import { activity, activityView } from "#projections/activity.ts";
import { agentMetrics, agentPerformance } from "#projections/agent-performance.ts";
import { agents, agentView } from "#projections/agents.ts";
import { apiKeys, principalOf } from "#projections/api-keys.ts";
import { BillingTotals, RevenueTotals } from "#projections/billing-summary.ts";
import { customers, liveCount } from "#projections/customers.ts";
import { DashboardTotals, dashboardView } from "#projections/dashboard.ts";
import { billingView, instanceBilling } from "#projections/instance-billing.ts";
import { instances } from "#projections/instances.ts";
import { searchTokens } from "#projections/search.ts";
import { tasks, taskView } from "#projections/tasks.ts";
import { usageMonthId, usageMonths, usageView } from "#projections/usage.ts";
import { History, hybrid, idOf } from "#test/support/history.ts";
import { agent, customer, found, instance, json, lived, modelsForEach, project, publisher, reader } from "./projected.ts";

modelsForEach();

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

  test("never had an instance that was refused, though it is listed", async () => {
    const history = lived().request(2);
    history.live(2, (instance_id) => ({ type: "InstanceRejected", data: { instance_id, reason: "capacity-exhausted" } }));
    await project(history);
    const totals = new DashboardTotals(history.now);
    for await (const document of reader.all(instances, { index: "by_customer", equals: { customer_id: customer } })) totals.add(document, null);
    expect(totals.view("USD").summary).toMatchObject({ total_instances: 1, running_instances: 1 });
    expect((await found(reader.get(instances, idOf("instance", 2)))).status).toBe("rejected");
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
