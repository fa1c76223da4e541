import { expect, test } from "@jest/globals";
import { startHttpAgent } from "#test/support/agents.ts";
import { acpBench, never, targetAt } from "#test/support/agents-driver.ts";
import { acpForEach, agentWith, atEnd, bench } from "#test/support/agents-each.ts";
import { until } from "#test/support/until.ts";

acpForEach();

test("a connection that breaks takes its tasks along and is opened again after growing pauses", async () => {
  const agent = await agentWith({ onTask: () => undefined });
  const target = targetAt(agent.url);
  await bench.driver.connect(target, never);
  const running = bench.run(target);
  await until(() => agent.of("task_request").length === 1);
  bench.network.down = true;
  agent.drop();
  expect((await running).at(-1)).toMatchObject({ type: "failed", code: "agent-unreachable" });
  for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    await until(() => bench.time.waiting === 1, { what: "the wait for the next attempt" });
    const { dials } = bench.network;
    await bench.time.run(pause - 1);
    expect(bench.network.dials).toBe(dials);
    await bench.time.run(1);
    await until(() => bench.network.dials === dials + 1, { what: "the next attempt" });
  }
  await until(() => bench.time.waiting === 1);
  await expect(bench.driver.connect(target, never)).rejects.toMatchObject({ code: "agent-unreachable" });
  await until(() => bench.time.waiting === 1, { what: "the wait that a vain call in between does not end" });
  expect(bench.driver.connected("instance-1")).toBe(false);
  bench.network.down = false;
  await bench.time.run(30_000);
  await until(() => bench.driver.connected("instance-1"), { what: "the connection" });
  agent.drop();
  await until(() => !bench.driver.connected("instance-1"));
  await bench.time.run(1_000);
  await until(() => bench.driver.connected("instance-1"), { what: "the connection after the shortest pause" });
});

test("an agent that goes away by itself is called again; one that was told to go is not", async () => {
  const agent = await agentWith();
  const target = targetAt(agent.url);
  await bench.driver.connect(target, never);
  agent.say("shutdown", { reason: "restart" });
  await until(() => !bench.driver.connected("instance-1"));
  await bench.time.run(1_000);
  await until(() => bench.driver.connected("instance-1"));
  await bench.driver.disconnect(target, "paused");
  expect(bench.driver.connected("instance-1")).toBe(false);
  await until(() => agent.of("shutdown").length === 1);
  expect(agent.of("shutdown")[0]?.payload).toEqual({ reason: "paused" });
  await until(() => agent.sockets.size === 0);
  expect(bench.time.waiting).toBe(0);
  await bench.driver.disconnect(target, "again");
});

test("a peer that vanished without a word is given up and called again", async () => {
  const agent = await agentWith({ autoPong: false, heartbeats: () => false });
  await bench.driver.connect(targetAt(agent.url), never);
  await bench.time.run(150_000);
  await until(() => agent.of("shutdown").length === 1);
  await until(() => !bench.driver.connected("instance-1"));
  await bench.time.run(2_000);
  await until(() => agent.of("handshake").length === 2);
  expect(bench.network.dials).toBe(2);
});

test("an agent at a new address is connected anew", async () => {
  const [old, moved] = [await agentWith(), await agentWith()];
  await bench.driver.connect(targetAt(old.url), never);
  await bench.driver.connect(targetAt(moved.url), never);
  await until(() => old.sockets.size === 0);
  expect((await bench.run(targetAt(moved.url))).at(-1)).toMatchObject({ type: "done" });
  expect(old.of("task_request")).toHaveLength(0);
});

test("what speaks HTTP but no ACP, or nothing at all, is refused with the reason", async () => {
  const plain = await startHttpAgent((_, response) => void response.writeHead(404).end());
  await expect(bench.driver.connect(targetAt(plain.url), never)).rejects.toThrow("the agent does not speak ACP");
  await plain.close();
  await expect(bench.driver.connect(targetAt(plain.url), never)).rejects.toMatchObject({ code: "agent-unreachable" });
  expect(await bench.driver.probe(targetAt(plain.url), never)).toMatchObject({ healthy: false });
});

test("a server that hangs up on upgrades is asked over HTTP", async () => {
  const agent = await startHttpAgent(({ method, url, headers }, response) => {
    if (headers.upgrade || method !== "POST") return void response.destroy();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(url === "/acp/task" ? { status: "completed", result: 1 } : { type: "handshake", payload: { status: "ready" } }));
  });
  atEnd(agent.close);
  expect((await bench.run(targetAt(agent.url))).at(-1)).toMatchObject({ type: "done", result: 1 });
});

test("a remote agent inside the network is never dialled unless the operator allows it", async () => {
  const inside = await startHttpAgent();
  atEnd(inside.close);
  const target = targetAt(inside.url, { kind: "remote" });
  await expect(bench.driver.connect(target, never)).rejects.toMatchObject({ code: "endpoint-not-allowed" });
  expect((await bench.run(target)).at(-1)).toMatchObject({ type: "failed", code: "endpoint-not-allowed" });
  expect(inside.connections()).toBe(0);
  const allowing = acpBench("127.0.0.1");
  atEnd(allowing.close);
  const agent = await agentWith();
  expect((await allowing.run(targetAt(agent.url, { kind: "remote" }))).at(-1)).toMatchObject({ type: "done" });
});
