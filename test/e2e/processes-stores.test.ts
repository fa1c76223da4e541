import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startHttpAgent, type TestHttpAgent } from "../support/agents.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { mongoAvailable, type MongoStandIn, startMongoStandIn } from "../support/mongodb.ts";
import { startEsdbProcess } from "../support/processes.ts";
import { until } from "../support/until.ts";

const patient = { timeout: 60_000 };
const suite = mongoAvailable("stores that die under several processes", { standIn: true }) ? describe : describe.skip;

suite("stores that are killed under an API and a worker process, and come back", () => {
  const folder = mkdtempSync(join(tmpdir(), "agenthub-stores-"));
  const mongoFolder = mkdtempSync(join(folder, "mongo-"));
  const eventArgs = ["--data", join(folder, "events")];
  let esdb: Awaited<ReturnType<typeof startEsdbProcess>>;
  let mongo: MongoStandIn;
  let cluster: Cluster;
  let agent: TestHttpAgent;
  let instance = "";
  const execute = (key: string) => cluster.call(0, "POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/echo", parameters: {} }, headers: { "idempotency-key": key } });
  const ready = async () => (await cluster.call(0, "GET", "/readyz", { key: null })).status;
  const doneOnce = async (key: string): Promise<string> => {
    const { body } = await until(async () => { const answer = await execute(key); return answer.status === 200 && answer; }, { ...patient, what: `task ${key}` });
    return body.task_id as string;
  };

  beforeAll(async () => {
    agent = await startHttpAgent();
    [esdb, mongo] = await Promise.all([startEsdbProcess(eventArgs), startMongoStandIn({ folder: mongoFolder })]);
    cluster = await startCluster({ apis: 1, workers: 1 }, { AGENTHUB_READ_PATIENCE: "2s" }, { events: esdb.url, readModels: mongo.url("agenthub"), close: () => mongo.kill() });
    const { body: { agent_id } } = await cluster.call(0, "POST", "/agents/register", { as: "publisher", body: { metadata: { name: "lasting", version: "1.0.0", endpoint: agent.url, pricing: { type: "per_request", price: "0.01" } } } });
    instance = (await cluster.call(0, "POST", "/marketplace/instances", { body: { agent_id }, headers: { prefer: "wait=30" } })).body.instance_id as string;
  }, 180_000);
  afterAll(async () => {
    await cluster?.close();
    await agent?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("without the event store reads go on and writes are refused with a time to try again; what was acknowledged is there afterwards", async () => {
    const before = await doneOnce("before");
    const port = new URL(esdb.url).port;
    await esdb.kill();
    await until(async () => await ready() === 503, patient);
    const refused = await execute("meanwhile");
    expect([refused.status, refused.headers.get("retry-after") !== null]).toEqual([503, true]);
    expect((await cluster.call(0, "GET", "/marketplace/instances")).status).toBe(200);
    esdb = await startEsdbProcess([...eventArgs, "--port", port]);
    await until(async () => await ready() === 200, patient);
    const meanwhile = await doneOnce("meanwhile");
    expect(await doneOnce("before")).toBe(before);
    expect(meanwhile).not.toBe(before);
    const tasks = await until(async () => { const { status, body } = await cluster.call(0, "GET", `/marketplace/instances/${instance}/tasks`); return status === 200 && body.tasks.length === 2 && body.tasks; }, patient);
    expect((tasks as { status: string }[]).map(({ status }) => status)).toEqual(["completed", "completed"]);
    expect(agent.seen.filter(({ url }) => url === "/echo")).toHaveLength(2);
  }, 180_000);

  it("without MongoDB /readyz says so; afterwards the worker has its leases again and the read models catch up to bills that the audit confirms", async () => {
    const { port } = mongo;
    await mongo.kill();
    await until(async () => await ready() === 503, patient);
    mongo = await startMongoStandIn({ folder: mongoFolder, port });
    await until(async () => await ready() === 200, patient);
    await doneOnce("after");
    const paused = await until(async () => { const answer = await cluster.call(0, "POST", `/marketplace/instances/${instance}/pause`, { headers: { prefer: "wait=30" } }); return answer.status === 200 && answer; }, patient);
    expect(paused.body.status).toBe("paused");
    const report = await until(async () => { const { status, body } = await cluster.call(0, "GET", "/billing/audit", { as: "operator" }); return status === 200 && body.agrees === true && body; }, patient);
    expect(report.differences).toEqual([]);
    const bill = await until(async () => { const { status, body } = await cluster.call(0, "GET", `/billing/instances/${instance}`); return status === 200 && body; }, patient);
    expect(bill.cost_breakdown.task_cost).toBe(0.03);
  }, 180_000);
});
