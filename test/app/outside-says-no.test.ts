import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { RuntimeError } from "#reactions/ports.ts";
import { startTestApp, type TestApp } from "#test/support/app.ts";

let app: TestApp;
let instance = "";
beforeAll(async () => {
  app = await startTestApp();
  instance = await app.createInstance(await app.registerAgent());
});
afterAll(async () => { await app.close(); });

describe("what lies outside says no", () => {
  const register = (name: string) => app.call("POST", "/agents/register-docker", {
    as: "publisher", body: { docker_image: `private/${name}:1`, metadata: { name, version: "1.0.0" }, registry_credentials: { username: "u", password: "canary-password" } },
  });
  it("a registry that refuses the credentials, which are never echoed", async () => {
    app.world.runtime.hook = ({ verb }) => { if (verb === "pull") throw new RuntimeError("image-pull-unauthorized", "The registry refused the credentials"); };
    const { status, body } = await register("refused");
    app.world.runtime.hook = () => undefined;
    expect([status, body.type, JSON.stringify(body).includes("canary-password")]).toEqual([422, "/problems/image-pull-unauthorized", false]);
  });
  it("a registry without the image", async () => {
    const { status, body } = await register("missing");
    expect([status, body.type]).toEqual([422, "/problems/image-not-found"]);
  });
  it.each([
    ["agent-timeout", 504], ["agent-unreachable", 502], ["agent-response-too-large", 502], ["agent-protocol-error", 502], ["endpoint-not-allowed", 502],
  ] as const)("an agent, with %s: %i, and the task costs nothing", async (code, expected) => {
    const agents = jest.spyOn(app.world.agent, "execute").mockImplementation(async function* fail() { yield { type: "failed", code, detail: "in words" }; });
    const { status, body } = await app.call("POST", `/marketplace/instances/${instance}/execute`, { body: { endpoint: "/x" } });
    agents.mockRestore();
    expect([status, body.type]).toEqual([expected, `/problems/${code}`]);
    expect((await app.call("GET", `/billing/instances/${instance}`)).body.cost_breakdown.task_cost).toBe(0);
  });
});
