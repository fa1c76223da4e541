import { describe, expect, test } from "@jest/globals";
import { instanceStartFailed } from "#domain/instance/events.ts";
import { usageStream } from "#domain/kernel/ids.ts";
import { taskAdmitted, taskLost } from "#domain/usage/usage.ts";
import { instanceView, leftLists } from "#projections/instance-view.ts";
import { instances } from "#projections/instances.ts";
import { History, idOf } from "#test/support/history.ts";
import { agent, customer, found, instance, json, lived, modelsForEach, project, reader, wire } from "./projected.ts";

modelsForEach();

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
