import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { io, type Socket } from "socket.io-client";
import { startHttpAgent, type TestHttpAgent } from "../support/agents.ts";
import { type Cluster, complaints, startCluster } from "../support/cluster.ts";
import { mongoAvailable } from "../support/mongodb.ts";
import { until } from "../support/until.ts";

const patient = { timeout: 60_000 };
let cluster: Cluster;
let agent: TestHttpAgent;
const sockets: Socket[] = [];

interface Frame { readonly name: string; readonly cursor?: string; readonly data: Record<string, unknown> }

/** Listens at one API process; waits until the subscription stands. */
async function listen(at: number, message: object): Promise<{ frames: Frame[]; answer: Record<string, unknown> }> {
  const socket = io(`${cluster.apis[at]?.url ?? ""}/live`, { auth: { token: cluster.keys().customer }, transports: ["websocket"], forceNew: true });
  sockets.push(socket);
  const frames: Frame[] = [];
  socket.onAny((name: string, frame: Omit<Frame, "name">) => { if (frame.data !== undefined) frames.push({ ...frame, name }); });
  await until(() => socket.connected, patient);
  return { frames, answer: await socket.emitWithAck("subscribe", message) as Record<string, unknown> };
}

const must = async (at: number, method: string, path: string, options: Parameters<Cluster["call"]>[3] = {}) => {
  const answer = await cluster.call(at, method, path, options);
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer;
};

const suite = mongoAvailable("several processes over shared stores") ? describe : describe.skip;

suite("two API and two worker processes over EventStoreDB and MongoDB", () => {
  let agentId = "";
  let instance = "";
  const at = (path = "", id = instance) => `/marketplace/instances/${id}${path}`;
  const create = async (from: number): Promise<string> => (await must(from, "POST", "/marketplace/instances", { body: { agent_id: agentId } })).body.instance_id as string;
  const typesOf = async (id: string): Promise<string[]> =>
    ((await must(0, "GET", at("/events?limit=100", id))).body.events as { type: string }[]).map(({ type }) => type);

  beforeAll(async () => {
    agent = await startHttpAgent();
    cluster = await startCluster({ apis: 2, workers: 2 });
  }, 180_000);
  afterAll(async () => {
    for (const socket of sockets) socket.disconnect();
    await cluster?.close();
    await agent?.close();
  });

  it("an API process waits for outcomes that a worker writes, and what it answers is readable at the other", async () => {
    const metadata = { name: "shared", version: "1.0.0", endpoint: agent.url, limits: { max_instances: 20 }, pricing: { type: "hybrid", base_price: "2", price_per_request: "0.01", price_per_hour: "1" } };
    agentId = (await must(0, "POST", "/agents/register", { as: "publisher", body: { metadata } })).body.agent_id as string;
    const made = await must(1, "POST", "/marketplace/instances", { body: { agent_id: agentId }, headers: { prefer: "wait=120" } });
    instance = made.body.instance_id as string;
    expect(made.body.status).toBe("running");
    const cursor = made.headers.get("agenthub-cursor") ?? "";
    const read = await must(0, "GET", at(), { headers: { "agenthub-min-cursor": cursor } });
    expect(read.body.status).toBe("running");
    expect((await must(0, "GET", "/marketplace/instances", { headers: { "agenthub-min-cursor": cursor } })).body.instances).toHaveLength(1);
  });

  it("each API process feeds its sockets from its own tail, and a cursor of one resumes at the other", async () => {
    const first = await listen(0, { topics: [`instance:${instance}`] });
    await must(1, "POST", at("/pause"));
    const paused = await until(() => first.frames.find(({ name, data }) => name === "instance.status" && data["status"] === "paused"), patient);
    await must(0, "POST", at("/resume"));
    const second = await listen(1, { topics: [`instance:${instance}`], since: paused.cursor });
    await until(() => second.frames.some(({ name, data }) => name === "instance.status" && data["status"] === "running"), patient);
    expect(second.frames.some(({ name, data }) => name === "instance.status" && data["status"] === "paused")).toBe(false);
  });

  it("samples that a worker takes reach the sockets of every API process", async () => {
    const feeds = [await listen(0, { topics: [`instance:${instance}`] }), await listen(1, { topics: ["instances"] })];
    for (const { frames } of feeds) {
      const { data } = await until(() => frames.find(({ name, data }) => name === "instance.metrics" && data["instance_id"] === instance), patient);
      expect(data["healthy"]).toBe(true);
    }
  });

  it("a request repeated at the other process is the same task, done and charged once", async () => {
    const options = { body: { endpoint: "/echo", parameters: { a: 1 } }, headers: { "idempotency-key": "twice" } };
    const calls = () => agent.seen.filter(({ url }) => url === "/echo").length;
    const before = calls();
    const first = await must(0, "POST", at("/execute"), options);
    const again = await must(1, "POST", at("/execute"), options);
    expect(again.body.task_id).toBe(first.body.task_id);
    expect(calls() - before).toBe(1);
    expect((await must(1, "GET", `/billing/instances/${instance}`)).body.cost_breakdown.task_cost).toBe(0.01);
  });

  it("usage reported to both processes at once counts once", async () => {
    const body = { specversion: "1.0", id: "same", source: "meter", type: "usage", time: new Date().toISOString(), data: { instance_id: instance, meter: "requests", quantity: "3" } };
    const answers = await Promise.all([0, 1, 0, 1].map((from) => must(from, "POST", "/usage/events", { as: "publisher", body })));
    expect(answers.map((answer) => answer.body.accepted as number).reduce((sum, one) => sum + one)).toBe(1);
    // One task of the test before, and three requests that were reported.
    const read = (from: number) => must(from, "GET", `/billing/instances/${instance}`, { headers: { "agenthub-min-cursor": answers[0]?.headers.get("agenthub-cursor") ?? "" } });
    for (const from of [0, 1]) expect((await read(from)).body.cost_breakdown.task_cost).toBe(0.04);
  });

  it("a worker that freezes loses its work to the other, and disturbs nothing when it wakes up", async () => {
    for (const frozen of [0, 1]) {
      cluster.workers[frozen]?.process.kill("SIGSTOP");
      let id: string;
      try {
        id = await create(frozen);
        await until(async () => (await cluster.call(0, "GET", at("", id))).body.status === "running", { ...patient, what: "the other worker to run it" });
      } finally {
        // One that stays frozen would have every test after this one fail, too.
        cluster.workers[frozen]?.process.kill("SIGCONT");
      }
      await must(1, "DELETE", at("", id), { headers: { prefer: "wait=60" } });
      await until(async () => (await cluster.call(0, "GET", at("", id))).body.status === "stopped", patient);
      expect((await typesOf(id)).filter((type) => /^Instance(Started|Terminated)$/.test(type))).toEqual(["InstanceStarted", "InstanceTerminated"]);
    }
  }, 180_000);

  it("a worker that is killed is replaced after the lease's time; every outcome is written once, every charge counted once", async () => {
    for (const victim of [0, 1]) {
      // Either may hold either lease: after both were killed in turn, each lease has moved at least once.
      const kill = cluster.workers[victim]?.kill();
      const made = Promise.all([create(0), create(1)]);
      const tasks = Promise.all([0, 1, 0, 1].map((from) => must(from, "POST", at("/execute"), { body: { endpoint: "/echo", parameters: {} } })));
      await kill;
      const ids = await made;
      expect((await tasks).map(({ body }) => body.status)).toEqual(["completed", "completed", "completed", "completed"]);
      for (const id of ids) await until(async () => (await cluster.call(0, "GET", at("", id))).body.status === "running", patient);
      for (const [from, id] of ids.entries()) await must(from, "DELETE", at("", id), { headers: { prefer: "wait=60" } });
      for (const id of ids) {
        await until(async () => (await cluster.call(1, "GET", at("", id))).body.status === "stopped", patient);
        const types = await typesOf(id);
        expect(types.filter((type) => /^Instance(Started|Terminated)$/.test(type)).toSorted()).toEqual(["InstanceStarted", "InstanceTerminated"]);
      }
      cluster.workers[victim] = await cluster.start("worker");
    }
    await until(async () => (await cluster.call(0, "GET", "/billing/audit", { as: "operator" })).body.agrees === true, patient);
    const { body } = await must(1, "GET", "/billing/audit", { as: "operator" });
    expect(body).toMatchObject({ agrees: true, differences: [] });
    expect(body.instances).toHaveLength(7);
    expect((await must(0, "GET", `/billing/instances/${instance}`)).body.cost_breakdown).toMatchObject({ base_cost: 2 });
  }, 180_000);

  it("each process ends when it is asked to, with exit code 0 and without a word of error", async () => {
    for (const process of [...cluster.apis, ...cluster.workers]) {
      expect(await process.stop()).toBe(0);
      expect(complaints(process)).toEqual([]);
    }
  }, 180_000);
});
