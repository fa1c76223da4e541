import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startHttpAgent, type TestHttpAgent } from "../support/agents.ts";
import { type Cluster, complaints, startCluster } from "../support/cluster.ts";
import { mongoAvailable } from "../support/mongodb.ts";
import { until } from "../support/until.ts";

interface Status { readonly name: string; readonly status: string; readonly collection: string; readonly previous: string | null; readonly parked: number; readonly progress?: unknown }

const patient = { timeout: 60_000 };
const suite = mongoAvailable("rebuilding beside readers in other processes") ? describe : describe.skip;

suite("a read model that is built anew under two API processes", () => {
  let cluster: Cluster;
  let agent: TestHttpAgent;
  let instance = "";
  const as = "operator";
  const status = async (at: number): Promise<Status> => {
    const { body } = await cluster.call(at, "GET", "/admin/projections", { as });
    return (body.projections as Status[]).find(({ name }) => name === "tasks") as Status;
  };
  const settled = (collection: string) => until(async () => {
    const now = await status(1);
    return now.status === "live" && now.collection === collection && now;
  }, { ...patient, what: `readers on ${collection}` });

  beforeAll(async () => {
    agent = await startHttpAgent();
    cluster = await startCluster({ apis: 2, workers: 1 });
    const metadata = { name: "built", version: "1.0.0", endpoint: agent.url };
    const { body: { agent_id } } = await cluster.call(0, "POST", "/agents/register", { as: "publisher", body: { metadata } });
    instance = (await cluster.call(0, "POST", "/marketplace/instances", { body: { agent_id }, headers: { prefer: "wait=120" } })).body.instance_id as string;
    for (let n = 0; n < 20; n += 1) {
      const { status: answered } = await cluster.call(n % 2, "POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/echo", parameters: {} } });
      if (answered !== 200) throw new Error(`a task answered ${answered}`);
    }
  }, 180_000);
  afterAll(async () => {
    await cluster?.close();
    await agent?.close();
  });

  it("changes over without a gap for readers, goes back, and forgets what was before when it is asked to", async () => {
    const { collection: first } = await status(0);
    let reading = true;
    const seen: number[] = [];
    const reader = async (at: number): Promise<void> => {
      while (reading) {
        const { status: answered, body } = await cluster.call(at, "GET", `/marketplace/instances/${instance}/tasks?limit=100`);
        seen.push(answered === 200 ? (body.tasks as unknown[]).length : -answered);
      }
    };
    const readers = [reader(0), reader(1)];
    const asked = await cluster.call(0, "POST", "/admin/projections/tasks/rebuild", { as, body: {} });
    expect(asked.status).toBe(202);
    const rebuilt = await settled(`${first}_1`);
    expect(rebuilt.previous).toBe(first);
    expect((await cluster.call(1, "POST", "/admin/projections/tasks/switch", { as, body: {} })).status).toBe(202);
    expect(await settled(first)).toMatchObject({ previous: `${first}_1` });
    reading = false;
    await Promise.all(readers);
    expect(new Set(seen)).toEqual(new Set([20]));
    expect((await cluster.call(0, "DELETE", "/admin/projections/tasks/previous", { as })).body).toEqual({ name: "tasks", dropped: `${first}_1` });
    expect((await status(1)).previous).toBeNull();
    expect((await cluster.call(1, "POST", "/admin/projections/tasks/switch", { as, body: {} })).status).toBe(404);
  }, 120_000);

  it("is built by the worker that comes after one that was killed", async () => {
    await cluster.workers[0]?.kill();
    const { collection } = await status(0);
    expect((await cluster.call(0, "POST", "/admin/projections/tasks/rebuild", { as, body: {} })).status).toBe(202);
    expect(await status(1)).toMatchObject({ status: "rebuilding", progress: null, collection });
    const next = await cluster.start("worker");
    await settled(`${collection}_1`);
    expect((await cluster.call(1, "GET", `/marketplace/instances/${instance}/tasks?limit=100`)).body.tasks).toHaveLength(20);
    expect(await next.stop()).toBe(0);
    expect(complaints(next)).toEqual([]);
  }, 120_000);
});
