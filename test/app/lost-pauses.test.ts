import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestApp, type TestApp } from "#test/support/app.ts";

let app: TestApp;
let agent = "";
beforeAll(async () => {
  app = await startTestApp();
  agent = await app.registerAgent();
});
afterAll(async () => { await app.close(); });

/** A paused instance whose container ended with its engine. */
async function lost(): Promise<string> {
  const id = await app.createInstance(agent);
  expect((await app.call("POST", `/marketplace/instances/${id}/pause`)).body.status).toBe("paused");
  app.world.runtime.goDown("stopped");
  return id;
}

describe("a resume of what lost its container while it was paused", () => {
  it("answers when the new container serves", async () => {
    const id = await lost();
    const { status, body } = await app.call("POST", `/marketplace/instances/${id}/resume`, { headers: { prefer: "wait=60" } });
    expect([status, body.status, body.message]).toEqual([200, "running", "Instance resumed."]);
    expect((await app.call("POST", `/marketplace/instances/${id}/execute`, { body: { endpoint: "/x" } })).body.status).toBe("completed");
    const { events } = (await app.call("GET", `/marketplace/instances/${id}/events?limit=100`)).body as { events: { type: string; description: string }[] };
    expect(events.find(({ type }) => type === "InstanceExited")?.description).toBe("The instance ended: The container engine stopped, and the container with it.");
  });

  it("has not failed when the wait is over before that", async () => {
    const id = await lost();
    app.world.agent.ill.add(id);
    const { status, headers, body } = await app.call("POST", `/marketplace/instances/${id}/resume`, { headers: { prefer: "wait=1" } });
    expect([status, headers.get("location")]).toEqual([202, `/marketplace/instances/${id}`]);
    expect(["resuming", "restarting"]).toContain(body.status);
    app.world.agent.ill.clear();
  });
});
