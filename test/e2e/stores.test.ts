import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { startHttpAgent, type TestHttpAgent } from "#test/support/agents.ts";
import type { Answer } from "#test/support/app.ts";
import { dockerSuite } from "#test/support/docker.ts";
import { type Front, openFront } from "#test/support/front.ts";
import { auditedBill, containerOf, containersOf, patient, registerImage, statusOf, withDocker } from "#test/support/e2e.ts";
import { type EsdbDouble, startEsdbDouble } from "#test/support/esdb-double/server.ts";
import { echoAgent } from "#test/support/images.ts";
import { mongoAvailable, type MongoStandIn, startMongoStandIn, startTestMongo, type TestMongo } from "#test/support/mongodb.ts";
import { type Installation, openInstallation, runs, type ServerProcess } from "#test/support/server-process.ts";
import { until } from "#test/support/until.ts";

jest.setTimeout(240_000);

const suite = mongoAvailable("servers on EventStoreDB and MongoDB") ? describe : describe.skip;
const withStandIn = mongoAvailable("servers whose MongoDB dies", { standIn: true }) ? describe : describe.skip;
const at = (id: string, path = "") => `/marketplace/instances/${id}${path}`;
const patiently = { prefer: "wait=120" };

suite("A server on EventStoreDB and MongoDB", () => {
  let double: EsdbDouble;
  let mongo: TestMongo;
  let installation: Installation;
  beforeAll(async () => {
    [double, mongo] = await Promise.all([startEsdbDouble(), startTestMongo()]);
    installation = openInstallation({ ...withDocker, AGENTHUB_EVENT_STORE: process.env["AGENTHUB_TEST_ESDB"] ?? double.connectionString, AGENTHUB_READ_MODELS: mongo.database() });
  });
  afterAll(async () => {
    await installation.close();
    await Promise.all([double.close(), mongo.close()]);
  });

  dockerSuite("with real containers", () => {
    test("an instance lives its whole life, a kill of the server included, and its bill is what the events say", async () => {
      await echoAgent();
      let server = await installation.start();
      const agent = await registerImage(server, await echoAgent(), `echo ${Date.now()}`);
      const id = (await server.must("POST", "/marketplace/instances", { body: { agent_id: agent }, headers: { ...patiently, "idempotency-key": agent } })).body.instance_id as string;
      expect((await server.must("POST", at(id, "/execute"), { body: { endpoint: "/one" } })).body).toMatchObject({ status: "completed", result: { path: "/one" } });
      await server.must("POST", at(id, "/pause"), { headers: patiently });
      expect(await containerOf(id)).toMatchObject({ state: "paused" });
      await server.must("POST", at(id, "/resume"), { headers: { prefer: "respond-async" } });
      await server.kill();
      server = await installation.start();
      await statusOf(server, id, "running");
      expect(await containerOf(id)).toMatchObject({ state: "running", attempt: 1 });
      expect((await server.must("POST", "/marketplace/instances", { body: { agent_id: agent }, headers: { ...patiently, "idempotency-key": agent } })).body.instance_id).toBe(id);
      expect((await server.must("POST", at(id, "/execute"), { body: { endpoint: "/two" } })).body).toMatchObject({ status: "completed", result: { path: "/two" } });
      await server.must("DELETE", at(id), { headers: patiently });
      await statusOf(server, id, "stopped");
      expect(await containersOf(id)).toEqual([]);
      const { bill, audited, agrees, differences } = await auditedBill(server, id);
      expect({ agrees, differences }).toEqual({ agrees: true, differences: [] });
      expect([bill["task_executions"], String(audited["total_cost_micros"])]).toEqual([2, String(bill["total_cost_micros"])]);
      expect(await server.stop()).toBe(0);
    });
  });
});

withStandIn("A server whose stores go away", () => {
  const folder = mkdtempSync(join(tmpdir(), "agenthub-mongo-data-"));
  let double: EsdbDouble;
  let mongo: MongoStandIn;
  let front: Front;
  let agent: TestHttpAgent;
  let installation: Installation;
  let server: ServerProcess;
  let id = "";
  let attempt = 0;
  let done = 0;
  const execute = (key: string): Promise<Answer> => server.call("POST", at(id, "/execute"), { body: { endpoint: "/echo" }, headers: { "idempotency-key": key } });
  const ready = () => server.call("GET", "/readyz");

  beforeAll(async () => {
    [double, mongo, agent] = await Promise.all([startEsdbDouble(), startMongoStandIn({ folder }), startHttpAgent()]);
    front = await openFront(mongo.port);
    const url = mongo.url("agenthub").replace(`:${mongo.port}/`, `:${front.port}/`).replace(/serverSelectionTimeoutMS=\d+/, "serverSelectionTimeoutMS=3000");
    installation = openInstallation({ AGENTHUB_EVENT_STORE: double.connectionString, AGENTHUB_READ_MODELS: url, AGENTHUB_ALLOWED_ENDPOINTS: "127.0.0.1", AGENTHUB_LOG_LEVEL: "error" });
    server = await installation.start();
    const metadata = { name: "remote", version: "1.0.0", endpoint: agent.url, pricing: { type: "per_request", price: "0.01" } };
    const agent_id = (await server.must("POST", "/agents/register", { as: "publisher", body: { metadata } })).body.agent_id as string;
    id = (await server.must("POST", "/marketplace/instances", { body: { agent_id }, headers: patiently })).body.instance_id as string;
  });
  beforeEach(async () => {
    double.up();
    if (!runs(server)) server = await installation.start();
    expect((await execute(`before ${attempt += 1}`)).status).toBe(200);
    ({ body: { task_executions: done } } = await server.must("GET", `/billing/instances/${id}`));
  });
  afterAll(async () => {
    await installation.close();
    await Promise.all([double.close(), front.close(), mongo.kill(), agent.close()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  test("goes on reading while the event store is away, refuses what it cannot keep, and recovers by itself", async () => {
    double.down();
    const during = `during ${attempt}`;
    const refused = await execute(during);
    expect([refused.status, refused.headers.get("content-type"), Number(refused.headers.get("retry-after")) > 0])
      .toEqual([503, expect.stringContaining("application/problem+json"), true]);
    for (const path of [at(id), "/marketplace/instances", "/marketplace/agents", `/billing/instances/${id}`, "/billing/summary", "/livez"])
      expect([path, (await server.call("GET", path)).status]).toEqual([path, 200]);
    expect((await ready())).toMatchObject({ status: 503, body: { checks: { event_store: { ok: false }, read_models: { ok: true } } } });
    double.up();
    await until(async () => (await ready()).status === 200, { ...patient, what: "readiness" });
    const completed = await until(async () => {
      const answer = await execute(during);
      return answer.status === 200 && answer;
    }, { ...patient, what: "the same request again" });
    expect((await execute(during)).body.task_id).toBe(completed.body.task_id);
    expect((await server.must("GET", `/billing/instances/${id}`)).body).toMatchObject({ task_executions: done + 1, total_cost: (done + 1) / 100 });
  });

  test("refuses in words while MongoDB is dead, keeps what it acknowledged, and goes on once it is back", async () => {
    front.lead(null);
    await mongo.kill();
    await until(async () => (await ready()).status === 503, { ...patient, what: "the loss to be noticed" });
    const refused = await server.call("GET", at(id));
    expect([refused.status, refused.headers.get("content-type"), Number(refused.headers.get("retry-after")) > 0])
      .toEqual([503, expect.stringContaining("application/problem+json"), true]);
    expect((await server.call("GET", "/livez")).status).toBe(200);
    mongo = await startMongoStandIn({ folder });
    front.lead(mongo.port);
    await until(async () => (await ready()).status === 200, { ...patient, what: "readiness" });
    await until(async () => (await execute(`after ${attempt}`)).status === 200, { ...patient, what: "a task" });
    await until(async () => (await server.must("GET", `/billing/instances/${id}`)).body.task_executions === done + 1, { ...patient, what: "the bill to hold every task" });
    expect(await auditedBill(server, id)).toMatchObject({ agrees: true, differences: [] });
    expect(await server.stop()).toBe(0);
  });
});

withStandIn("A server whose stores cannot be used at its start says so in one line", () => {
  let open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.toReversed()) await close();
    open = [];
  });
  async function lastWords(settings: Record<string, string>): Promise<{ code: number | string; lines: string[] }> {
    const installation = openInstallation(settings);
    open.push(() => installation.close());
    const child = installation.launch();
    const code = await child.ended;
    return { code, lines: child.said.errors.split("\n").filter((line) => line !== "") };
  }
  /** A port that is held and answers nobody. */
  async function dead(): Promise<number> {
    const front = await openFront(null);
    open.push(() => front.close());
    return front.port;
  }

  test("because EventStoreDB is away", async () => {
    const port = await dead();
    expect(await lastWords({ AGENTHUB_EVENT_STORE: `esdb://127.0.0.1:${port}?tls=false` }))
      .toEqual({ code: 1, lines: [expect.stringMatching(new RegExp(`^agenthub: EventStoreDB cannot be reached: .*127.0.0.1:${port}`))] });
  });
  test("because EventStoreDB refuses the credentials, which it does not repeat", async () => {
    const double = await startEsdbDouble({ login: "admin:right" });
    open.push(() => double.close());
    const { code, lines } = await lastWords({ AGENTHUB_EVENT_STORE: double.connectionString.replace("esdb://", "esdb://admin:wrong@") });
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/^agenthub: EventStoreDB refuses the user or password/)] });
    expect(lines[0]).not.toMatch(/admin|wrong/);
  });
  test("because MongoDB is away", async () => {
    const port = await dead();
    expect(await lastWords({ AGENTHUB_READ_MODELS: `mongodb://127.0.0.1:${port}/agenthub?directConnection=true` }))
      .toEqual({ code: 1, lines: [expect.stringMatching(new RegExp(`^agenthub: MongoDB at mongodb://127.0.0.1:${port}/agenthub cannot be reached: `))] });
  });
  test("because MongoDB refuses the credentials, which it does not repeat", async () => {
    const mongo = await startMongoStandIn({ auth: true });
    open.push(() => mongo.kill());
    const { code, lines } = await lastWords({ AGENTHUB_READ_MODELS: mongo.url("agenthub", "joe:wrong") });
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/^agenthub: MongoDB at .+ refused the credentials: /)] });
    expect(lines[0]).not.toContain("joe:wrong");
  });
  test.each([
    ["AGENTHUB_EVENT_STORE", "http://127.0.0.1:2113", /^agenthub: AGENTHUB_EVENT_STORE: must be sqlite: or esdb:/],
    ["AGENTHUB_READ_MODELS", "http://127.0.0.1:27017", /^agenthub: AGENTHUB_READ_MODELS: must be sqlite: or mongodb:/],
  ])("because %s is %s", async (name, value, words) => {
    expect(await lastWords({ [name]: value })).toEqual({ code: 1, lines: [expect.stringMatching(words)] });
  });
});
