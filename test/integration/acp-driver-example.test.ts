import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { startAgentProcess } from "#test/support/agent-process.ts";
import { acpBench, never, targetAt } from "#test/support/agents-driver.ts";

const script = join(fileURLToPath(new URL("../..", import.meta.url)), "examples", "acp-summary", "agent.mjs");
let closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

test("the driver works with the example agent, which has a WebSocket of its own making", async () => {
  const agent = await startAgentProcess(process.execPath, script);
  closers = [() => bench.close(), () => agent.stop()];
  const bench = acpBench();
  const target = targetAt(agent.address);
  await bench.driver.connect(target, never);
  expect(bench.driver.connections()).toMatchObject([{ transport: "websocket" }]);
  const text = "Agents are hired. Agents are paid by the hour. The weather is fine.";
  expect((await bench.run(target, { endpoint: "/summarize", parameters: { text, sentences: 1 } })).at(-1)).toMatchObject({ type: "done", result: expect.anything() });
  expect((await bench.run(target, { endpoint: "/nowhere" })).at(-1)).toMatchObject({ type: "failed", code: "agent-failed" });
  expect(await bench.driver.probe(target, never)).toMatchObject({ healthy: true });
  await bench.driver.disconnect(target, "the test is over");
  expect(bench.driver.connected("instance-1")).toBe(false);
});
