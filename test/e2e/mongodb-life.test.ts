import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { startHttpAgent, type TestHttpAgent } from "#test/support/agents.ts";
import { auditedBill, patient, statusOf } from "#test/support/e2e.ts";
import { mongoAvailable, startTestMongo, type TestMongo } from "#test/support/mongodb.ts";
import { type Installation, openInstallation } from "#test/support/server-process.ts";
import { until } from "#test/support/until.ts";

jest.setTimeout(240_000);

const suite = mongoAvailable("a server on MongoDB alone") ? describe : describe.skip;
const as = "operator";

suite("A server on MongoDB and the embedded log", () => {
  let mongo: TestMongo;
  let agent: TestHttpAgent;
  let installation: Installation;
  beforeAll(async () => {
    [mongo, agent] = await Promise.all([startTestMongo(), startHttpAgent()]);
    installation = openInstallation({ AGENTHUB_READ_MODELS: mongo.database(), AGENTHUB_ALLOWED_ENDPOINTS: "127.0.0.1", AGENTHUB_MONITOR_INTERVAL: "1s" });
  });
  afterAll(async () => {
    await installation.close();
    await Promise.all([mongo.close(), agent.close()]);
  });

  test("serves the whole life of an instance, a kill included, and every read model is built anew to the same", async () => {
    let server = await installation.start();
    const pricing = { type: "per_request", price: "0.01" };
    const metadata = { name: "remote words", version: "1.0.0", category: "utility", tags: ["living"], endpoint: agent.url, pricing };
    const agent_id = (await server.must("POST", "/agents/register", { as: "publisher", body: { metadata } })).body.agent_id as string;
    const order = { body: { agent_id }, headers: { prefer: "wait=120", "idempotency-key": "one" } };
    const id = (await server.must("POST", "/marketplace/instances", order)).body.instance_id as string;
    const at = (path = ""): string => `/marketplace/instances/${id}${path}`;
    const execute = () => server.must("POST", at("/execute"), { body: { endpoint: "/echo" } });
    await statusOf(server, id, "running");
    expect((await execute()).body).toMatchObject({ status: "completed" });
    await server.must("POST", at("/pause"), { headers: { prefer: "wait=120" } });
    await statusOf(server, id, "paused");
    await server.must("POST", at("/resume"), { headers: { prefer: "wait=120" } });
    await statusOf(server, id, "running");
    expect((await execute()).body).toMatchObject({ status: "completed" });
    await server.kill();
    server = await installation.start();
    expect((await server.must("POST", "/marketplace/instances", order)).body.instance_id).toBe(id);
    expect((await execute()).body).toMatchObject({ status: "completed" });
    await until(async () => (await server.must("GET", at("/metrics"))).body.metrics.length > 0, { ...patient, what: "samples" });
    await server.must("DELETE", at(), { headers: { prefer: "wait=120" } });
    await statusOf(server, id, "stopped");
    expect(await auditedBill(server, id)).toMatchObject({ bill: { task_executions: 3, total_cost: 0.03 }, agrees: true, differences: [] });
    expect((await server.must("GET", "/marketplace/agents?search=words")).body.agents).toMatchObject([{ agent_id }]);

    const projections = async (): Promise<{ name: string; collection: string; status: string; parked: number }[]> =>
      (await server.must("GET", "/admin/projections", { as })).body.projections;
    const read = async (): Promise<unknown[]> => Promise.all(
      ["/marketplace/agents", at(), at("/tasks"), at("/events"), `/billing/instances/${id}`].map(async (path) => {
        const { as_of: _, ...answer } = (await server.must("GET", path)).body;
        return answer;
      }));
    const before = await read();
    const old = await projections();
    for (const { name } of old) await server.must("POST", `/admin/projections/${name}/rebuild`, { as, body: {} });
    await until(async () => (await projections()).every(({ name, collection, status }) =>
      status === "live" && old.every((one) => one.name !== name || one.collection !== collection)), { ...patient, what: "the rebuilds" });
    expect(await read()).toEqual(before);
    expect((await projections()).filter(({ parked }) => parked > 0)).toEqual([]);
    expect(await server.stop()).toBe(0);
  });
});
