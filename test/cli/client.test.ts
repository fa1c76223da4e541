import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { AgentHubClient } from "#client/client.ts";
import { Amount, parseJson } from "#client/json.ts";
import { isProblem, type ProblemError, retryAfterSeconds } from "#client/problem.ts";
import { problem, type StubRoutes, type StubServer, stubServer } from "#test/support/stub-server.ts";

let server: StubServer | undefined;
afterEach(async () => { await server?.close(); server = undefined; });

async function clientOf(routes: StubRoutes): Promise<AgentHubClient> {
  server = await stubServer(routes);
  return new AgentHubClient({ server: server.url, apiKey: "ah_test", maxPause: 1 });
}

const caught = async (work: Promise<unknown>): Promise<ProblemError> => {
  const error: unknown = await work.then(() => { throw new Error("nothing was refused"); }, (reason: unknown) => reason);
  if (!isProblem(error)) throw error;
  return error;
};

test("amounts keep every digit that the server wrote, and are written back as they came", () => {
  const text = '{"total_cost":24.50,"price":0.000000000001,"rate_per_hour":1.10,"count":3,"total_cost_micros":"24500000","big":12345678901234567890}';
  const parsed = parseJson(text) as Record<string, unknown>;
  expect(String(parsed["total_cost"])).toBe("24.50");
  expect(parsed["price"]).toBeInstanceOf(Amount);
  expect(parsed["count"]).toBe(3);
  expect(JSON.stringify(parsed)).toBe(text);
});

test("a request carries the key, and the last cursor seen, so that it reads what it wrote", async () => {
  const client = await clientOf({
    "POST /marketplace/instances/instance-1/pause": { body: {}, headers: { "agenthub-cursor": "store.7" } },
    "GET /marketplace/dashboard": { body: {} },
  });
  await client.pauseInstance("instance-1");
  await client.dashboard();
  const [pause, read] = server?.requests ?? [];
  expect(pause?.headers["authorization"]).toBe("Bearer ah_test");
  expect(pause?.headers["agenthub-min-cursor"]).toBeUndefined();
  expect(read?.headers["agenthub-min-cursor"]).toBe("store.7");
});

test("a POST that meets 503 is sent again under the same Idempotency-Key", async () => {
  const client = await clientOf({
    "POST /marketplace/instances": [problem(503, "unavailable", "A store cannot be reached"), { status: 201, body: { instance_id: "instance-1" } }],
  });
  const made = await client.createInstance("agent-1");
  expect(made.instance_id).toBe("instance-1");
  const keys = server?.requests.map(({ headers }) => headers["idempotency-key"]) ?? [];
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBeTruthy();
  expect(keys[1]).toBe(keys[0]);
});

test("a task that the agent itself answered with 503 is not sent again", async () => {
  const client = await clientOf({ "POST /marketplace/instances/instance-1/execute": problem(503, "agent-busy", "Busy", { task_id: "task-1" }) });
  const error = await caught(client.executeTask("instance-1", { endpoint: "/analyze" }));
  expect(error.type).toBe("agent-busy");
  expect(error.extensions["task_id"]).toBe("task-1");
  expect(server?.requests).toHaveLength(1);
});

test("retries end, and the last refusal is told", async () => {
  const client = await clientOf({ "GET /marketplace/dashboard": problem(503, "unavailable", "A store cannot be reached") });
  expect((await caught(client.dashboard())).status).toBe(503);
  expect(server?.requests).toHaveLength(5);
});

test("a problem tells its slug, its words, its fields and when to come back", async () => {
  const answer = problem(422, "validation-failed", "The request is not valid", { detail: "metadata.name: is required", errors: [{ field: "metadata.name", message: "is required" }] });
  const client = await clientOf({ "POST /agents/register": { ...answer, headers: { ...answer.headers, "retry-after": "7" } } });
  const error = await caught(client.registerAgent({ name: "", version: "" }));
  expect(error).toMatchObject({ type: "validation-failed", status: 422, title: "The request is not valid", retryAfter: 7 });
  expect(error.errors).toEqual([{ field: "metadata.name", message: "is required" }]);
});

test("an answer that is no problem document still becomes one", async () => {
  const client = await clientOf({ "GET /marketplace/dashboard": { status: 502, raw: "<html>", headers: { "content-type": "text/html" } } });
  expect(await caught(client.dashboard())).toMatchObject({ type: "http-502", status: 502 });
});

test("where nobody listens the problem says so", async () => {
  server = await stubServer();
  const { url } = server;
  await server.close();
  server = undefined;
  const error = await caught(new AgentHubClient({ server: url, maxPause: 1, retries: 1 }).dashboard());
  expect(error).toMatchObject({ type: "unreachable", status: 0 });
  expect(error.detail).toContain(url);
});

test("an answer that breaks off is asked for again, under the same Idempotency-Key", async () => {
  const keys: (string | string[] | undefined)[] = [];
  const cutter = createServer((request, response) => {
    keys.push(request.headers["idempotency-key"]);
    if (keys.length > 1) return response.end('{"task_id":"task-1"}');
    response.writeHead(200, { "content-length": "100" });
    return response.write("{", () => response.destroy());
  });
  await new Promise<void>((resolve) => { cutter.listen(0, "127.0.0.1", resolve); });
  try {
    const client = new AgentHubClient({ server: `http://127.0.0.1:${(cutter.address() as AddressInfo).port}`, maxPause: 1 });
    expect(await client.executeTask("instance-1", { endpoint: "/a" })).toEqual({ task_id: "task-1" });
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(keys[0]).toBeTruthy();
  } finally {
    cutter.closeAllConnections();
    await new Promise((resolve) => { cutter.close(resolve); });
  }
});

test("an answer without JSON is told to be another server's", async () => {
  const client = await clientOf({ "GET /marketplace/dashboard": { raw: "<html>" } });
  expect(await caught(client.dashboard())).toMatchObject({ type: "not-agenthub", status: 0 });
});

test("ids are escaped, queries are left out when undefined, waiting is a preference", async () => {
  const client = await clientOf({ "GET /marketplace/agents": { body: { agents: [], next_cursor: null } }, "DELETE /marketplace/instances/..%2Fadmin": { body: {} } });
  await client.discoverAgents({ category: "utility", limit: 5, cursor: undefined });
  await client.terminateInstance("../admin", { wait: false });
  const [list, gone] = server?.requests ?? [];
  expect(String(list?.query)).toBe("category=utility&limit=5");
  expect(gone?.headers["prefer"]).toBe("respond-async");
});

test("logs are read from JSON, JSON lines and server-sent events alike", async () => {
  const path = "GET /marketplace/instances/instance-1/logs";
  for (const answer of [
    { body: { logs: [{ text: "one" }, { text: "two" }] } },
    { raw: '{"text":"one"}\n{"text":"two"}\n', headers: { "content-type": "application/x-ndjson" } },
    { raw: 'data: {"text":"one"}\n\n: still here\n\ndata: {"text":"two"}\n\n', headers: { "content-type": "text/event-stream" } },
    { raw: "one\ntwo", headers: { "content-type": "text/plain" } },
  ]) {
    const client = await clientOf({ [path]: answer });
    const lines: string[] = [];
    for await (const line of client.logs("instance-1")) lines.push(line.text);
    expect(lines).toEqual(["one", "two"]);
    await server?.close();
  }
});

test("Retry-After is read as seconds and as a date", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(retryAfterSeconds("3", now)).toBe(3);
  expect(retryAfterSeconds("Thu, 01 Jan 2026 00:00:10 GMT", now)).toBe(10);
  expect(retryAfterSeconds("soon", now)).toBeUndefined();
  expect(retryAfterSeconds(null, now)).toBeUndefined();
});
