import { expect, test } from "@jest/globals";
import { startTestApp } from "#test/support/app.ts";
import { until } from "#test/support/until.ts";

test("a caller whose task still runs when the server must stop is told that it was cancelled", async () => {
  const app = await startTestApp();
  let closed: Promise<void> | undefined;
  try {
    const { agent: driver } = app.world;
    const instance = await app.createInstance(await app.registerAgent());
    driver.behave = (_, signal) => new Promise((_resolve, reject) => { signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }); });
    const answer = app.call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/x", timeout: 600 } });
    await until(() => driver.executed.length > 0, { what: "the agent to have the task" });
    closed = app.close();
    const { status, body } = await answer;
    expect([status, body.type, body.task_status]).toEqual([409, expect.stringContaining("task-cancelled"), "cancelled"]);
  } finally {
    await (closed ?? app.close());
  }
}, 60_000);
