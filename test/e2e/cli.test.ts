import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AgentHubClient } from "#client/client.ts";
import { startTestApp, type TestApp } from "#test/support/app.ts";
import { openTerminal, type Terminal } from "#test/support/terminal.ts";
import { until } from "#test/support/until.ts";
import { testImage } from "#test/support/world.ts";

let app: TestApp;
let terminal: Terminal;
beforeAll(async () => {
  app = await startTestApp();
  terminal = openTerminal();
});
afterAll(async () => {
  terminal.close();
  await app.close();
});

// One key reads its own writes at once; what another key wrote it sees a moment later.
const soon = (check: () => Promise<void>) => until(async () => { await check(); return true; });

const as = async (who: "customer" | "publisher" | "operator", ...argv: string[]) => {
  const ran = await terminal.run([...argv, "--server", app.url, "--api-key", app.keys[who], "--json"]);
  return { ...ran, body: (ran.out === "" ? undefined : JSON.parse(ran.out)) as Record<string, unknown> };
};

describe("the specification's workflow on the command line, against the whole application", () => {
  let agent = "";
  let instance = "";

  test("a publisher prints an example, registers it and sets another price", async () => {
    await terminal.run(["example-config", "--docker", "--output", "my-agent.yaml"]);
    const made = await as("publisher", "register-docker-agent", "--config", "my-agent.yaml", "--docker-image", testImage);
    expect(made).toMatchObject({ code: 0, err: "", body: { name: "my-agent", lifecycle_stage: "registered" } });
    agent = String(made.body["agent_id"]);
    expect(await as("publisher", "agent-price", agent, "--type", "per_request", "--price", "0.25")).toMatchObject({ code: 0 });
    expect(await as("publisher", "agent-update", agent, "--description", "Other words", "--tag", "nlp")).toMatchObject({ code: 0 });
  });

  test("a customer finds it, starts an instance and sees it run", async () => {
    await soon(async () => {
      const found = await as("customer", "marketplace-discover", "--category", "data-analysis", "--tag", "nlp", "--limit", "10");
      expect(found.body).toMatchObject({ agents: [{ agent_id: agent, description: "Other words", marketplace_info: { pricing_info: { price: 0.25 } } }] });
    });
    writeFileSync(join(terminal.dir, "instance.json"), JSON.stringify({ memory_limit: "256M" }));
    const made = await as("customer", "instance-create", agent, "--config", "instance.json", "--env", "MODEL=small");
    expect(made).toMatchObject({ code: 0, err: "", body: { status: "running" } });
    instance = String(made.body["instance_id"]);
    expect((await as("customer", "instance-details", instance)).body).toMatchObject({ status: "running", instance_config: { memory_limit: "256M" } });
  });

  test("runs a task on it, reads it later, and lists it", async () => {
    const done = await as("customer", "instance-execute", instance, "--endpoint", "/analyze", "--parameters", '{"data":"sample"}');
    expect(done).toMatchObject({ code: 0, body: { status: "completed", cost: 0.25 } });
    expect(await as("customer", "task-details", String(done.body["task_id"]), "--wait", "5")).toMatchObject({ code: 0, body: { status: "completed" } });
    expect((await as("customer", "instance-tasks", instance)).body).toMatchObject({ tasks: [{ status: "completed" }] });
    expect(await as("customer", "instance-execute", instance, "--endpoint", "/nope")).toMatchObject({ code: 2, err: expect.stringContaining("unknown-endpoint") });
  });

  test("pauses it, is refused meanwhile, and resumes it", async () => {
    expect(await as("customer", "instance-pause", instance)).toMatchObject({ code: 0, body: { status: "paused" } });
    expect(await as("customer", "instance-execute", instance, "--endpoint", "/analyze")).toMatchObject({ code: 5 });
    expect(await as("customer", "instance-resume", instance)).toMatchObject({ code: 0, body: { status: "running" } });
    expect((await as("customer", "instance-events", instance)).body).toMatchObject({ events: expect.arrayContaining([expect.objectContaining({ type: "InstancePaused" })]) });
  });

  test("follows it live: a snapshot first, then what happens", async () => {
    const watching = terminal.run(["instance-watch", instance, "--until", "paused", "--timeout", "60", "--json", "--server", app.url, "--api-key", app.keys.customer]);
    const client = new AgentHubClient({ server: app.url, apiKey: app.keys.customer });
    const live = client.live([`instance:${instance}`]);
    const seen: string[] = [];
    for await (const frame of live) {
      seen.push(frame.event);
      if (frame.event === "snapshot") await client.pauseInstance(instance);
      if (frame.event === "instance.status" && frame.data?.["status"] === "paused") break;
    }
    live.close();
    expect(seen[0]).toBe("snapshot");
    expect((await watching).code).toBe(0);
    expect((await as("customer", "instance-resume", instance)).code).toBe(0);
  });

  test("reports usage, and reads dashboard, bill, metrics, logs and audit", async () => {
    expect((await as("publisher", "usage-record", instance, "--quantity", "2")).body).toMatchObject({ accepted: 1, refused: 0 });
    await soon(async () => {
      expect((await as("customer", "dashboard")).body).toMatchObject({ summary: { total_instances: 1, running_instances: 1, total_cost: 0.75 } });
    });
    expect((await as("customer", "billing")).body).toMatchObject({ total_cost: 0.75, currency: "USD" });
    expect((await as("customer", "billing", instance)).body).toMatchObject({ cost_breakdown: { task_cost: 0.75 } });
    for (const verb of ["instance-metrics", "instance-logs"]) expect((await as("customer", verb, instance)).code).toBe(0);
    expect(await as("operator", "audit")).toMatchObject({ code: 0, body: { agrees: true } });
    await soon(async () => { expect((await as("publisher", "revenue")).body).toMatchObject({ revenue: [{ currency: "USD", total_cost: 0.75 }] }); });
  });

  test("terminates it, after which its agent can be deregistered, and not before", async () => {
    expect(await as("publisher", "agent-deregister", agent, "--confirm")).toMatchObject({ code: 5, err: expect.stringContaining("agent-has-active-instances") });
    expect(await as("customer", "instance-terminate", instance, "--confirm")).toMatchObject({ code: 0, body: { status: "stopped" } });
    // Its place is given back by the pass after the stop.
    await soon(async () => { expect(await as("publisher", "agent-deregister", agent, "--confirm")).toMatchObject({ code: 0, body: { lifecycle_stage: "deregistered" } }); });
    await soon(async () => { expect((await as("customer", "marketplace-discover")).body).toMatchObject({ agents: [] }); });
  });
});

test("an operator opens an account whose key works at once, and stops to work when it is revoked", async () => {
  const opened = await as("operator", "account-create", "--name", "acme", "--role", "customer");
  const key = String(opened.body["api_key"]);
  const own = (...argv: string[]) => terminal.run([...argv, "--server", app.url, "--api-key", key, "--json"]);
  expect((await own("dashboard")).code).toBe(0);
  const second = JSON.parse((await own("api-keys", "create", "--label", "ci")).out) as { key_id: string; api_key: string };
  expect((await own("api-keys", "revoke", second.key_id)).code).toBe(0);
  await soon(async () => { expect(await terminal.run(["dashboard", "--server", app.url, "--api-key", second.api_key])).toMatchObject({ code: 4 }); });
  expect((await own("account-list")).code).toBe(4);
});

test("what belongs to another account does not exist", async () => {
  expect(await as("customer", "instance-details", "instance-00000000-0000-7000-8000-000000000000")).toMatchObject({ code: 3, err: expect.stringContaining("instance-not-found") });
});

test("a table shows the application's own answers", async () => {
  const { code, out } = await terminal.run(["account-list", "--server", app.url, "--api-key", app.keys.operator]);
  expect(code).toBe(0);
  expect(out).toMatch(/^ACCOUNT\tNAME\tROLES/);
});
