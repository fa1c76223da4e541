import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { sseData } from "#infra/agents/acp/sse.ts";
import type { TestHttpAgent } from "#test/support/agents.ts";
import { acpBench, never, targetAt } from "#test/support/agents-driver.ts";
import type { AcpBench } from "#test/support/agents-driver.ts";
import { startRunsAgent } from "#test/support/agents-runs.ts";
import type { RunScript } from "#test/support/agents-runs.ts";

let bench: AcpBench;
let agents: TestHttpAgent[] = [];
beforeEach(() => {
  bench = acpBench();
  agents = [];
});
afterEach(async () => {
  await Promise.all([...agents.map((agent) => agent.close()), bench.close()]);
});

async function server(...args: Parameters<typeof startRunsAgent>): Promise<TestHttpAgent> {
  const agent = await startRunsAgent(...args);
  agents.push(agent);
  return agent;
}
const json = (value: unknown): Record<string, unknown> => ({ content_type: "application/json", content: JSON.stringify(value), content_url: null });
const cancels = (agent: TestHttpAgent): number => agent.seen.filter(({ url }) => url === "/runs/run-1/cancel").length;

const completes: RunScript = (emit, response, run) => {
  emit({ type: "run.created", run: run("created") });
  emit({ type: "message.part", part: { content_type: "text/plain", content: "half" } });
  emit({ type: "something.new", whatever: 1 });
  emit({ type: "run.completed", run: run("completed", { output: [{ role: "agent/process", parts: [json({ done: true })] }] }) });
  response.end();
};

test("an agent of runs is connected last, and a task is a run", async () => {
  const agent = await server(completes);
  const target = targetAt(agent.url);
  await bench.driver.connect(target, never);
  expect(bench.driver.connections()).toMatchObject([{ transport: "runs" }]);
  expect(await bench.run(target, { endpoint: "/process", parameters: { a: 1 } })).toEqual([
    { type: "started", remote_id: "run-1" }, { type: "output", part: "half" }, { type: "done", result: { done: true }, bytes: 13 },
  ]);
  const body: unknown = JSON.parse(agent.seen.at(-1)?.body ?? "");
  expect(body).toEqual({ agent_name: "process", mode: "stream", input: [{ role: "user", parts: [{ content_type: "application/json", content: '{"a":1}' }] }] });
  expect(cancels(agent)).toBe(0);
  expect(await bench.driver.probe(target, never)).toMatchObject({ healthy: true });
});

test("the endpoint chooses among several agents", async () => {
  const agent = await server(completes, ["summarize", "translate"]);
  const target = targetAt(agent.url);
  expect((await bench.run(target, { endpoint: "/translate" })).at(-1)).toMatchObject({ type: "done" });
  expect(agent.seen.at(-1)?.body).toContain('"agent_name":"translate"');
  expect((await bench.run(target, { endpoint: "/neither" })).at(-1)).toMatchObject({ type: "failed", code: "agent-rejected-input" });
});

test("several parts are a list, and what is encoded stays as it is", async () => {
  const encoded = { content_type: "image/png", content: "AAAA", content_encoding: "base64" };
  const agent = await server((emit, response, run) => {
    emit({ type: "run.completed", run: run("completed", { output: [{ parts: [{ content_type: "text/plain", content: "a" }, encoded] }, { parts: [json([1])] }] }) });
    response.end();
  });
  expect((await bench.run(targetAt(agent.url))).at(-1)).toMatchObject({ result: ["a", encoded, [1]] });
});

test.each<[string, Record<string, unknown>, string, number]>([
  ["run.failed", { error: { code: "server_error", message: "canary" } }, "agent-failed", 0],
  ["run.failed", { error: { code: "invalid_input", message: "canary" } }, "agent-rejected-input", 0],
  ["run.cancelled", {}, "agent-failed", 0],
  ["run.awaiting", {}, "agent-needs-input", 1],
])("%s %j is %s", async (type, more, code, cancelled) => {
  const agent = await server((emit, response, run) => {
    emit({ type, run: run(type.slice(4), more) });
    response.end();
  });
  const last = (await bench.run(targetAt(agent.url))).at(-1);
  expect(last).toMatchObject({ type: "failed", code });
  const { upstream_body, ...ours } = last as { upstream_body?: unknown };
  expect(JSON.stringify(ours)).not.toContain("canary");
  if (more["error"] !== undefined) expect(upstream_body).toEqual(more["error"]);
  expect(cancels(agent)).toBe(cancelled);
});

test.each<[string, RunScript, string]>([
  ["a stream that ends early", (emit, response, run) => { emit({ type: "run.created", run: run("created") }); response.end(); }, "agent-unreachable"],
  ["a stream that breaks", (_, response) => { response.write('data: {"type":"half', () => response.destroy()); }, "agent-unreachable"],
  ["an event that is no JSON", (_, response) => { response.end("data: {\n\n"); }, "agent-protocol-error"],
  ["an event of another shape", (emit, response) => { emit({ no: "type" }); response.end(); }, "agent-protocol-error"],
  ["a stream without end", (_, response) => { response.write(":".repeat(6_000_000)); }, "agent-response-too-large"],
])("%s fails the task and cancels the run", async (_, script, code) => {
  const agent = await server(script);
  expect((await bench.run(targetAt(agent.url))).at(-1)).toMatchObject({ type: "failed", code });
  expect(cancels(agent)).toBe(1);
});

test.each(["the time limit", "an abort"])("%s cancels the run at the agent", async (what) => {
  const agent = await server((emit, _, run) => emit({ type: "run.in-progress", run: run("in-progress") }));
  const target = targetAt(agent.url);
  await bench.driver.connect(target, never);
  const caller = new AbortController();
  const request = { task_id: "t", endpoint: "/process", method: "POST" as const, parameters: {}, timeout_ms: 5_000 };
  const events = bench.driver.execute(target, request, caller.signal)[Symbol.asyncIterator]();
  expect(await events.next()).toMatchObject({ value: { type: "started", remote_id: "run-1" } });
  const last = events.next();
  if (what === "an abort") caller.abort();
  else await bench.time.run(5_000);
  expect(await last).toMatchObject({ value: { type: "failed", code: what === "an abort" ? "agent-unreachable" : "agent-timeout" } });
  expect(cancels(agent)).toBe(1);
});

test("events are read however the stream is cut", async () => {
  const text = 'data: {"a":\r\ndata: "ü"}\r\n\r\n: comment\n\nevent: x\ndata:two\n\ndata: three\r\rdata: unfinished';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
    const stream = (async function* () { yield* chunks; })();
    expect(await Array.fromAsync(sseData(stream, 1_000))).toEqual(['{"a":\n"ü"}', "two", "three"]);
  }
});
