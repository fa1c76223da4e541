import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { startTestApp, type TestApp } from "#test/support/app.ts";

let app: TestApp;
let agent: string;

beforeEach(async () => {
  app = await startTestApp();
  agent = await app.registerAgent({ limits: { max_instances: 1 } });
});

afterEach(async () => { await app.close(); });

const create = (more: object = {}) => app.call("POST", "/marketplace/instances", { body: { agent_id: agent, ...more } });
const end = (instance: string) => app.call("DELETE", `/marketplace/instances/${instance}`);
const shown = async () => {
  const { lifecycle_stage, marketplace_info: { availability, customer_instances, total_instances } } = (await app.call("GET", `/agents/${agent}`)).body;
  return { lifecycle_stage, ...availability, customer_instances, total_instances };
};
const slug = ({ body }: { body: { type?: string } }) => body.type?.split("/").at(-1);

describe("an agent's only slot", () => {
  it("is counted from the start to the end, a pause included, and free as soon as the end is told", async () => {
    expect(await shown()).toEqual({ lifecycle_stage: "registered", available: true, max_instances: 1, current_instances: 0, customer_instances: 0, total_instances: 0 });
    const { body: { instance_id } } = await create();
    const taken = { lifecycle_stage: "active", available: false, max_instances: 1, current_instances: 1, customer_instances: 1, total_instances: 1 };
    expect(await shown()).toEqual(taken);
    expect(slug(await create())).toBe("capacity-exhausted");
    await app.call("POST", `/marketplace/instances/${instance_id}/pause`);
    expect(await shown()).toEqual(taken);
    await end(instance_id);
    expect(await shown()).toEqual({ ...taken, available: true, current_instances: 0, customer_instances: 0 });
    expect((await create()).status).toBe(201);
    expect((await shown()).total_instances).toBe(2);
  });

  it("lets the agent be deregistered as soon as the end is told; then its name stays taken and its history readable", async () => {
    const { body: { instance_id } } = await create();
    expect(slug(await app.call("DELETE", `/agents/${agent}`, { as: "publisher" }))).toBe("agent-has-active-instances");
    await end(instance_id);
    expect((await app.call("DELETE", `/agents/${agent}`, { as: "publisher" })).body).toMatchObject({ lifecycle_stage: "deregistered" });
    expect((await app.call("DELETE", `/agents/${agent}`, { as: "publisher" })).status).toBe(200);
    await expect(app.registerAgent({ version: "2.0.0" })).rejects.toThrow("agent-deregistered");
    expect((await app.call("GET", "/marketplace/agents")).body.agents).toEqual([]);
    expect((await app.call("GET", `/agents/${agent}`)).body).toMatchObject({ agent_id: agent, lifecycle_stage: "deregistered", marketplace_info: { availability: { available: false } } });
    expect((await app.call("GET", `/marketplace/instances/${instance_id}`)).body).toMatchObject({ status: "stopped" });
  });
});

describe("a price", () => {
  it("is the one that an instance was created with, whatever the agent costs later", async () => {
    const { body: { instance_id } } = await create();
    await app.call("PATCH", `/agents/${agent}`, { as: "publisher", body: { pricing: { type: "per_request", price: "9" } } });
    await app.call("POST", `/marketplace/instances/${instance_id}/execute`, { body: { endpoint: "/x" } });
    expect((await app.call("GET", `/marketplace/instances/${instance_id}`)).body.billing_info).toMatchObject({ total_cost: 0.01, task_executions: 1 });
    expect((await app.call("GET", `/agents/${agent}`)).body.marketplace_info.pricing_info).toMatchObject({ type: "per_request", price: 9 });
    await end(instance_id);
    const next = (await create()).body.instance_id as string;
    await app.call("POST", `/marketplace/instances/${next}/execute`, { body: { endpoint: "/x" } });
    expect((await app.call("GET", `/billing/instances/${next}`)).body).toMatchObject({ total_cost: 9 });
  });
});

describe("limits", () => {
  it("are at most the manifest's for a customer, and an operator's to raise", async () => {
    const body = { agent_id: agent, instance_config: { memory_limit: "2G", cpu_limit: "4" } };
    expect(slug(await create({ instance_config: body.instance_config }))).toBe("invalid-resources");
    const raised = await app.call("POST", "/marketplace/instances", { as: "operator", body });
    expect([raised.status, raised.body.instance_config]).toEqual([201, expect.objectContaining({ memory_limit: "2G", resources: { memory_bytes: 2 ** 31, cpu: "4" } })]);
  });
});
