import { describe, expect, test } from "@jest/globals";
import type { AcpTask } from "#test/support/agents-acp.ts";
import { never, targetAt } from "#test/support/agents-driver.ts";
import { acpForEach, agentWith, bench } from "#test/support/agents-each.ts";
import { until } from "#test/support/until.ts";

acpForEach();

const fixed = (answer: Record<string, unknown> | undefined): AcpTask => () => answer;

describe.each(["websocket", "http"] as const)("over %s", (offers) => {
  test("a handshake opens the connection, and a task travels to the agent and back", async () => {
    const agent = await agentWith({ offers });
    const target = targetAt(agent.url);
    expect(bench.driver.connected("instance-1")).toBe(false);
    await bench.driver.connect(target, never);
    expect(bench.driver.connected("instance-1")).toBe(true);
    const handshake = agent.seen[0];
    expect(handshake?.payload).toEqual({ protocol_version: "1.0", client_type: "agenthub_server" });
    const events = await bench.run(target, { endpoint: "/x", parameters: { a: "ü" }, timeout_ms: 1_500 });
    const result = { endpoint: "/x", parameters: { a: "ü" } };
    expect(events.at(0)).toMatchObject({ type: "started" });
    expect(events.at(-1)).toEqual({ type: "done", result, bytes: Buffer.byteLength(JSON.stringify(result)) });
    expect(agent.seen.at(-1)?.payload).toEqual({ endpoint: "/x", parameters: { a: "ü" }, timeout: 1.5 });
    expect(bench.driver.connections()).toEqual([{
      instance_id: "instance-1", agent_id: "agent-1", transport: offers, connected_at: "2026-01-01T00:00:00.000Z", last_heartbeat: "2026-01-01T00:00:00.000Z",
    }]);
  });

  test.each([
    [{ status: "failed", error: "canary" }, "agent-failed"], [{ status: "failed", error: { code: "INVALID-INPUT", message: "canary" } }, "agent-rejected-input"],
    [{ status: "failed", error: { code: "rate_limited" } }, "agent-busy"], [{ status: "failed" }, "agent-failed"], [{ status: "awaiting" }, "agent-needs-input"],
    [{ status: "canary" }, "agent-protocol-error"], [{}, "agent-protocol-error"], [{ status: "completed", result: "x".repeat(1_048_580) }, "agent-response-too-large"],
    [{ status: "completed", result: "x".repeat(3_000_000) }, "agent-response-too-large"],
  ])("the answer %# is a failure by its code, with the agent's words beside ours", async (answer, code) => {
    const agent = await agentWith({ offers, onTask: fixed(answer) });
    const last = (await bench.run(targetAt(agent.url))).at(-1);
    expect(last).toMatchObject({ type: "failed", code });
    const { upstream_body, ...ours } = last as { upstream_body?: unknown };
    expect(JSON.stringify(ours)).not.toContain("canary");
    const { error, status } = answer as { error?: unknown; status?: string };
    expect(upstream_body).toEqual(status === "awaiting" ? status : error);
  });

  test("a task that ends without a result has the result null", async () => {
    const agent = await agentWith({ offers, onTask: fixed({ status: "completed" }) });
    expect((await bench.run(targetAt(agent.url))).at(-1)).toEqual({ type: "done", result: null, bytes: 4 });
  });

  test("the time limit and the caller end a task; the connection stays", async () => {
    const agent = await agentWith({ offers, onTask: ({ endpoint }) => (endpoint === "/slow" ? undefined : { status: "completed", result: 1 }) });
    const target = targetAt(agent.url);
    await bench.driver.connect(target, never);
    const late = bench.run(target, { endpoint: "/slow", timeout_ms: 20_000 });
    await until(() => agent.seen.some(({ payload }) => payload["endpoint"] === "/slow"));
    await bench.time.run(20_000);
    expect((await late).at(-1)).toMatchObject({ type: "failed", code: "agent-timeout" });
    const caller = new AbortController();
    const cancelled = bench.run(target, { endpoint: "/slow" }, caller.signal);
    await until(() => agent.seen.filter(({ payload }) => payload["endpoint"] === "/slow").length === 2);
    caller.abort();
    expect((await cancelled).at(-1)).toMatchObject({ type: "failed", detail: "the request was cancelled" });
    expect((await bench.run(target)).at(-1)).toMatchObject({ type: "done", result: 1 });
    expect(agent.seen.filter(({ payload }) => "client_type" in payload)).toHaveLength(1);
  });

  test("heartbeats go out every 30 seconds, and a silence of more than 120 seconds is ill", async () => {
    let answers = true;
    const agent = await agentWith({ offers, heartbeats: () => answers });
    const target = targetAt(agent.url);
    const beats = (): number => agent.of(offers === "websocket" ? "heartbeat" : "/acp/heartbeat").length;
    const lastBeat = (): string | undefined => bench.driver.connections()[0]?.last_heartbeat;
    await bench.driver.connect(target, never);
    await bench.time.run(29_999);
    expect(beats()).toBe(0);
    await bench.time.run(1);
    await until(() => lastBeat() === "2026-01-01T00:00:30.000Z", { what: "the first heartbeat" });
    await bench.time.run(1);
    expect(await bench.driver.probe(target, never)).toMatchObject({ healthy: true });
    await until(() => lastBeat() === "2026-01-01T00:00:30.001Z", { what: "the answer to the probe's heartbeat" });
    expect(beats()).toBe(2);
    answers = false;
    await bench.time.run(120_000);
    expect(await bench.driver.probe(target, never)).toMatchObject({ healthy: true });
    await bench.time.run(1);
    expect(await bench.driver.probe(target, never)).toMatchObject({ healthy: false, detail: "no heartbeat" });
  });

  test("an agent that is not ready is not connected", async () => {
    const agent = await agentWith({ offers, handshake: () => ({ status: "loading" }) });
    await expect(bench.driver.connect(targetAt(agent.url), never)).rejects.toThrow("the agent is not ready");
    expect(bench.driver.connected("instance-1")).toBe(false);
    expect(bench.time.waiting).toBe(0);
  });

  test("a handshake without an answer ends after ten seconds", async () => {
    const agent = await agentWith({ offers, handshake: () => null });
    const connecting = bench.driver.connect(targetAt(agent.url), never);
    connecting.catch(() => undefined);
    await until(() => agent.seen.length === 1, { what: "the handshake" });
    await bench.time.run(10_000);
    await expect(connecting).rejects.toThrow("did not finish the handshake in time");
  });

  test("a path that leads away is never sent", async () => {
    const agent = await agentWith({ offers });
    expect((await bench.run(targetAt(agent.url), { endpoint: "//evil.example/" })).at(-1)).toMatchObject({ type: "failed", code: "agent-rejected-input" });
    expect(agent.seen.some(({ payload }) => "endpoint" in payload)).toBe(false);
  });
});

test("answers find their tasks whatever their order, and progress is handed on", async () => {
  const first = Promise.withResolvers<void>();
  const agent = await agentWith({
    onTask: async ({ endpoint }, progress) => {
      if (endpoint === "/first") await first.promise;
      progress({ percent: 50 });
      return { status: "completed", result: endpoint };
    },
  });
  const target = targetAt(agent.url);
  const slow = bench.run(target, { endpoint: "/first" });
  await until(() => agent.of("task_request").length === 1);
  const quick = await bench.run(target, { endpoint: "/second" });
  first.resolve();
  expect([quick, await slow].map((events) => events.map((event) => (event.type === "output" ? event.part : event.type === "done" ? event.result : event.type)))).toEqual([
    ["started", expect.objectContaining({ percent: 50 }), "/second"], ["started", expect.objectContaining({ percent: 50 }), "/first"],
  ]);
  const [request] = agent.of("task_request");
  expect(request).toMatchObject({ agent_id: "agent-1", timestamp: "2026-01-01T00:00:00.000Z" });
  expect(agent.of("handshake")).toHaveLength(1);
});

test("an error message fails the task that it names, and no other", async () => {
  const agent = await agentWith({ onTask: fixed(undefined) });
  const running = bench.run(targetAt(agent.url));
  const request = await until(() => agent.of("task_request")[0]);
  agent.say("error", { message: "about nothing" });
  agent.say("task_response", { request_id: "unknown", status: "completed" });
  agent.say("error", { request_id: request.message_id, code: "busy" });
  expect((await running).at(-1)).toMatchObject({ type: "failed", code: "agent-busy" });
});

test.each([
  ["half a JSON text", "{"], ["a list", "[]"], ["null", "null"], ["a type that is no text", '{"type":1}'], ["no type", '{"no":"type"}'],
  ["endless nesting", `${"[".repeat(500)}${"]".repeat(500)}`], ["a binary message", Buffer.from('{"type":"heartbeat"}')],
])("%s ends the connection and its tasks", async (_, text) => {
  const agent = await agentWith({ onTask: fixed(undefined) });
  const running = bench.run(targetAt(agent.url));
  await until(() => agent.of("task_request").length === 1);
  for (const socket of agent.sockets) socket.send(text);
  expect((await running).at(-1)).toMatchObject({ type: "failed", code: "agent-protocol-error" });
  await until(() => agent.sockets.size === 0, { what: "the end of the connection" });
});
