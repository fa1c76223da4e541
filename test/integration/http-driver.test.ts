import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Dispatcher } from "undici";
import { createHttpDriver } from "#infra/agents/http.ts";
import { parseAllowed } from "#infra/outbound/allowed.ts";
import { guardedDispatcher, plainDispatcher } from "#infra/outbound/dispatcher.ts";
import type { AgentDriver, AgentEvent, AgentRequest, AgentTarget } from "#reactions/ports.ts";
import { startHttpAgent } from "#test/support/agents.ts";
import type { TestHttpAgent } from "#test/support/agents.ts";
import { ManualClock } from "#test/support/manual-clock.ts";
import { until } from "#test/support/until.ts";

let agent: TestHttpAgent;
let container: Dispatcher;
let remote: Dispatcher;
let driver: AgentDriver;
const time = new ManualClock();

beforeAll(async () => {
  agent = await startHttpAgent();
});
beforeEach(() => {
  container = plainDispatcher();
  remote = guardedDispatcher(parseAllowed(""));
  driver = createHttpDriver({ dispatchers: { container, remote }, clock: time });
});
afterEach(async () => {
  await driver.close();
  await container.destroy();
  await remote.destroy();
});
afterAll(() => agent.close());

const never = new AbortController().signal;
const target = (more: Partial<AgentTarget> = {}): AgentTarget => ({
  instance_id: "instance-1", agent_id: "agent-1", address: agent.url, kind: "container", health_path: "/health", ...more,
});
const request = (endpoint: string, more: Partial<AgentRequest> = {}): AgentRequest => ({
  task_id: "task-1", endpoint, method: "POST", parameters: { input: "data" }, timeout_ms: 60_000, ...more,
});
async function run(endpoint: string, more: Partial<AgentRequest> = {}, to = target(), signal = never): Promise<AgentEvent> {
  const events: AgentEvent[] = [];
  for await (const event of driver.execute(to, request(endpoint, more), signal)) events.push(event);
  expect(events.map(({ type }) => type)).toEqual(["started", expect.stringMatching(/^(done|failed)$/)]);
  return events[1] as AgentEvent;
}

test("a task travels as JSON and its result comes back", async () => {
  const done = await run("/echo", { parameters: { a: [1, { b: "ü" }] } });
  expect(done).toMatchObject({ type: "done", result: { method: "POST", url: "/echo", parameters: { a: [1, { b: "ü" }] } } });
  expect(done).toHaveProperty("bytes", Buffer.byteLength(JSON.stringify((done as { result: unknown }).result)));
});

test.each(["PUT", "PATCH"] as const)("%s has a body too", async (method) => {
  expect(await run("/echo", { method })).toMatchObject({ result: { method, parameters: { input: "data" } } });
});

test.each(["GET", "DELETE"] as const)("%s carries its parameters in the query", async (method) => {
  const done = await run("/find?x=1", { method, parameters: { q: "a b&c", tag: ["n", "m"], deep: { k: 1 }, none: null } });
  expect(done).toMatchObject({ result: { method, url: "/find?x=1&q=a+b%26c&tag=n&tag=m&deep=%7B%22k%22%3A1%7D", parameters: null } });
  expect(await run("/find", { method, parameters: ["no object"] })).toMatchObject({ code: "agent-rejected-input" });
});

test("the base address may have a path", async () => {
  expect(await run("/echo", {}, target({ address: `${agent.url}/base/` }))).toMatchObject({ result: { url: "/base/echo" } });
});

test("nothing but the driver's own headers reaches the agent", async () => {
  await run("/headers");
  const names = Object.keys(agent.seen.at(-1)?.headers ?? {}).toSorted();
  expect(names).toEqual(["accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"]);
  expect(agent.seen.at(-1)?.headers["accept-encoding"]).toBe("identity");
});

test("text, vendor JSON and empty answers are results", async () => {
  expect(await run("/text")).toEqual({ type: "done", result: "plain wörds", bytes: 12 });
  expect(await run("/problem")).toMatchObject({ type: "done", result: { ok: true } });
  expect(await run("/empty")).toEqual({ type: "done", result: null, bytes: 0 });
});

test.each([
  ["/status/400", "agent-rejected-input", 400], ["/status/422", "agent-rejected-input", 422], ["/status/404", "agent-rejected-input", 404],
  ["/status/401", "agent-failed", 401], ["/status/403", "agent-failed", 403], ["/status/408", "agent-failed", 408],
  ["/status/500", "agent-failed", 500], ["/status/503", "agent-failed", 503], ["/huge-error", "agent-failed", 500],
  ["/busy", "agent-busy", 429], ["/redirect", "agent-protocol-error", 302], ["/gzip", "agent-protocol-error", 200],
])("%s is %s", async (path, code, status) => {
  expect(await run(path)).toMatchObject({ type: "failed", code, upstream_status: status });
});

test.each([
  ["/bad-json", "agent-protocol-error"], ["/deep", "agent-protocol-error"], ["/binary", "agent-protocol-error"],
  ["/not-utf8", "agent-protocol-error"], ["/not-http", "agent-protocol-error"], ["/flood", "agent-protocol-error"],
  ["/reset", "agent-unreachable"], ["/cut", "agent-unreachable"],
  ["/huge", "agent-response-too-large"], ["/huge-declared", "agent-response-too-large"],
])("%s is %s", async (path, code) => {
  expect(await run(path)).toMatchObject({ type: "failed", code });
});

test("an agent that hangs up in the middle is told in words", async () => {
  expect(await run("/cut")).toMatchObject({ detail: "the agent closed the connection before its answer was whole" });
});

test("a busy agent says when to come back", async () => {
  expect(await run("/busy")).toMatchObject({ retry_after: "7" });
});

test("what an agent says of its failure is beside our own words, never in them", async () => {
  for (const path of ["/status/400", "/status/500", "/bad-json"]) expect((await run(path) as { detail: string }).detail).not.toMatch(/as asked|half/);
  for (const path of ["/status/400", "/status/500"]) expect(await run(path)).toMatchObject({ upstream_body: { error: "as asked" } });
  expect(await run("/busy")).toMatchObject({ upstream_body: { error: "busy" } });
});

test("a failure whose words are too many, break off or do not end is judged by its status alone", async () => {
  for (const [path, status] of [["/huge-error", 500], ["/cut-error", 422], ["/drip-error", 500]] as const) {
    const failed = await run(path);
    expect(failed).toMatchObject({ type: "failed", upstream_status: status });
    expect(failed).not.toHaveProperty("upstream_body");
  }
});

test("a redirect is not followed", async () => {
  const before = agent.seen.length;
  await run("/redirect");
  expect(agent.seen.slice(before).map(({ url }) => url)).toEqual(["/redirect"]);
});

test("nobody listens: unreachable", async () => {
  const gone = await startHttpAgent();
  await gone.close();
  expect(await run("/echo", {}, target({ address: gone.url }))).toMatchObject({ type: "failed", code: "agent-unreachable" });
});

test.each(["/slow", "/drip"])("the time limit of %s is kept and the socket closed", async (path) => {
  const before = agent.seen.length;
  const running = run(path, { timeout_ms: 30_000 });
  await until(() => agent.seen.length > before, { what: "the agent's sight of the request" });
  await time.run(29_999);
  await time.run(1);
  expect(await running).toMatchObject({ type: "failed", code: "agent-timeout" });
  await until(() => agent.open() === 0, { what: "the end of the connection" });
});

test("an abort ends the task and closes the socket", async () => {
  const before = agent.seen.length;
  const caller = new AbortController();
  const running = run("/slow", {}, target(), caller.signal);
  await until(() => agent.seen.length > before, { what: "the agent's sight of the request" });
  caller.abort();
  expect(await running).toMatchObject({ type: "failed", detail: "the request was cancelled" });
  await until(() => agent.open() === 0, { what: "the end of the connection" });
  expect(await run("/echo", {}, target(), caller.signal)).toMatchObject({ type: "failed" });
});

test.each([
  "//evil.example/x", "/\\@evil.example", "\\\\evil.example", "@evil.example/", "http://evil.example/", "/../admin", "/a/../../b", "/a/..",
  "/%2e%2e/admin", "/a%2fb", "/a%5cb", "/a\r\nHost: evil", "/a b", "/a\tb", "/a#b", "", "echo", "/%0d%0aX: y", "/a%00b", "?x", "/./a",
])("the endpoint %j cannot leave its path", async (endpoint) => {
  const before = agent.seen.length;
  expect(await run(endpoint)).toMatchObject({ type: "failed", code: "agent-rejected-input" });
  expect(agent.seen).toHaveLength(before);
});

test.each(["/.%2e/x", "/%2e./x", "/a/.%2e/.%2e/.%2E/x", "/.%2E"])("the endpoint %j cannot leave the base's path", async (endpoint) => {
  expect(await run(endpoint, {}, target({ address: `${agent.url}/base` }))).toMatchObject({ type: "failed", code: "agent-rejected-input" });
});

test("a remote agent inside the network is never called", async () => {
  const before = agent.connections();
  const inside = target({ kind: "remote" });
  expect(await run("/echo", {}, inside)).toMatchObject({ type: "failed", code: "endpoint-not-allowed" });
  expect(await driver.probe(inside, never)).toMatchObject({ healthy: false, detail: "the agent's address is not allowed" });
  expect(agent.connections()).toBe(before);
});

test("a remote agent that the operator allowed is called", async () => {
  const allowing = guardedDispatcher(parseAllowed("127.0.0.0/8"));
  const allowed = createHttpDriver({ dispatchers: { container, remote: allowing } });
  const events = await Array.fromAsync(allowed.execute(target({ kind: "remote" }), request("/echo"), never));
  expect(events.at(-1)).toMatchObject({ type: "done" });
  await allowed.close();
  await allowing.destroy();
});

test("the probe judges by the health path", async () => {
  expect(await driver.probe(target(), never)).toEqual({ healthy: true, response_ms: expect.any(Number) });
  expect(agent.seen.at(-1)).toMatchObject({ method: "GET", url: "/health" });
  expect(await driver.probe(target({ health_path: "/status/503" }), never)).toMatchObject({ healthy: false, detail: "the health check answered 503" });
  expect(await driver.probe(target({ health_path: "/redirect" }), never)).toMatchObject({ healthy: false });
});

test("a probe gives up after five seconds", async () => {
  const before = agent.seen.length;
  const probing = driver.probe(target({ health_path: "/slow" }), never);
  await until(() => agent.seen.length > before);
  await time.run(5_000);
  expect(await probing).toMatchObject({ healthy: false, detail: "the agent did not answer in time" });
});

test("closing the driver ends what runs", async () => {
  const before = agent.seen.length;
  const running = run("/slow");
  await until(() => agent.seen.length > before);
  await driver.close();
  expect(await running).toMatchObject({ type: "failed" });
});
