import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestApp, type TestApp } from "../support/app.ts";

let app: TestApp;
beforeAll(async () => { app = await startTestApp(); });
afterAll(async () => { await app.close(); });

describe("one instance's life over HTTP", () => {
  let agent = "";
  let instance = "";
  const at = (path = "") => `/marketplace/instances/${instance}${path}`;

  it("begins with an agent that a publisher registers, and that customers find", async () => {
    agent = await app.registerAgent({ pricing: { type: "hybrid", base_price: "5", price_per_hour: "0.1", price_per_request: "0.01" } });
    const { body } = await app.call("GET", "/marketplace/agents?category=utility");
    expect(body.agents).toMatchObject([{ agent_id: agent, marketplace_info: { availability: { available: true, max_instances: 3, current_instances: 0 }, pricing_info: { type: "hybrid", price: 5 } } }]);
  });
  it("starts", async () => {
    const { status, body } = await app.call("POST", "/marketplace/instances", { body: { agent_id: agent, instance_config: { memory_limit: "256M" } } });
    instance = body.instance_id;
    expect([status, body.status, body.lifecycle_stage]).toEqual([201, "running", "active"]);
    expect(app.world.runtime.containers.size).toBe(1);
  });
  it("makes the agent an active one, wherever its stage is told", async () => {
    const changed = await app.call("PATCH", `/agents/${agent}`, { as: "publisher", body: { description: "Echoes" } });
    const read = await app.call("GET", `/marketplace/agents/${agent}`);
    expect([changed.body.lifecycle_stage, read.body.lifecycle_stage]).toEqual(["active", "active"]);
  });
  it("does tasks", async () => {
    const { status, body } = await app.call("POST", at("/execute"), { body: { endpoint: "/echo", parameters: { a: 1 } } });
    expect([status, body.status, body.result, body.cost]).toEqual([200, "completed", { echo: { a: 1 } }, 0.01]);
    expect((await app.call("GET", `/tasks/${body.task_id}`)).body.result).toEqual({ echo: { a: 1 } });
  });
  it("pauses, refuses tasks meanwhile, and resumes", async () => {
    expect((await app.call("POST", at("/pause"))).body.status).toBe("paused");
    const refused = await app.call("POST", at("/execute"), { body: { endpoint: "/echo" } });
    expect([refused.status, refused.body.type]).toEqual([409, expect.stringMatching(/instance-not-running$/)]);
    expect((await app.call("POST", at("/resume"))).body.status).toBe("running");
  });
  it("ends, costs what it used, and the audit agrees", async () => {
    expect((await app.call("DELETE", at())).body.status).toBe("stopped");
    const bill = await app.call("GET", `/billing/instances/${instance}`);
    expect(bill.body).toMatchObject({ cost_breakdown: { base_cost: 5, task_cost: 0.01 } });
    for (const who of ["customer", "operator"] as const) {
      const { body } = await app.call("GET", "/billing/audit", { as: who });
      expect(body).toMatchObject({ agrees: true, differences: [] });
      expect(body.instances).toHaveLength(1);
    }
    expect(app.world.runtime.containers.size).toBe(0);
  });
});
