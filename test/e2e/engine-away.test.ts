import { afterAll, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { dockerSuite, testDocker } from "#test/support/docker.ts";
import { type Front, openFront } from "#test/support/front.ts";
import { auditedBill, containerOf, containersOf, engine, eventTypes, listen, patient, registerImage, statusOf, unhurriedAgent, withDocker } from "#test/support/e2e.ts";
import { echoAgent } from "#test/support/images.ts";
import { type Installation, openInstallation, runs, type ServerProcess } from "#test/support/server-process.ts";
import { until } from "#test/support/until.ts";

jest.setTimeout(300_000);

const socket = /^unix:\/\/(.+)$/.exec(testDocker)?.[1];
const soon = { prefer: "respond-async" };
const patiently = { prefer: "wait=120" };

// The engine serves other tests, too: a front between it and the server goes away in its place.
dockerSuite("An engine that goes away and comes back", () => {
  let front: Front;
  let installation: Installation;
  let server: ServerProcess;
  let agent = "";
  let id = "";
  const at = (path = "") => `/marketplace/instances/${id}${path}`;
  const away = () => front.lead(null);
  const back = () => front.lead(socket ?? Number(new URL(testDocker).port));
  const engineIs = (ok: boolean) => until(async () => (await server.must("GET", "/admin/engines", { as: "operator" })).body.engines[0].ok === ok, { ...patient, what: `the engine to be ${ok ? "there" : "away"}` });

  beforeAll(async () => {
    await echoAgent();
    front = await openFront(null);
    back();
    installation = openInstallation({ ...withDocker, AGENTHUB_DOCKER: `tcp://127.0.0.1:${front.port}`, AGENTHUB_LOG_LEVEL: "error" });
    server = await installation.start();
    agent = await registerImage(server, await echoAgent(), "echo", { limits: { max_instances: 20 } });
  });
  beforeEach(async () => {
    back();
    if (!runs(server)) server = await installation.start();
    await engineIs(true);
    id = (await server.must("POST", "/marketplace/instances", { body: { agent_id: agent }, headers: patiently })).body.instance_id as string;
  });
  afterAll(async () => {
    back();
    await installation.close();
    await front.close();
  });

  test("does not keep running agents from their work, and what was asked for meanwhile is done when it is back", async () => {
    away();
    await engineIs(false);
    expect((await server.call("GET", "/readyz")).status).toBe(200);
    expect((await server.must("POST", at("/execute"), { body: { endpoint: "/work" } })).body.status).toBe("completed");
    const refused = await server.call("POST", "/marketplace/instances", { body: { agent_id: agent } });
    expect([refused.status, refused.body.type, Number(refused.headers.get("retry-after")) > 0]).toEqual([503, expect.stringMatching(/runtime-unavailable$/), true]);
    expect((await server.must("POST", at("/pause"), { headers: soon })).body.status).toBe("pausing");
    expect((await containerOf(id)).state).toBe("running");
    back();
    await statusOf(server, id, "paused");
    expect((await containerOf(id)).state).toBe("paused");
    await server.must("DELETE", at(), { headers: patiently });
    expect(await containersOf(id)).toEqual([]);
  });

  test("and took the containers down with it, is noticed, told on the feed, and the agents run again", async () => {
    const feed = await listen(server, [`instance:${id}`]);
    const before = await containerOf(id);
    away();
    await engineIs(false);
    await engine.getContainer(before.id).kill();
    await until(() => feed.of("instance.metrics", id).some(({ healthy }) => healthy === false), { ...patient, what: "a bad probe on the feed" });
    back();
    await until(() => feed.of("instance.status", id).at(-1)?.["status"] === "running", { ...patient, what: "the restart on the feed" });
    expect(feed.of("instance.status", id).map(({ event }) => event)).toEqual(["InstanceExited", "InstanceRestarted"]);
    feed.close();
    await until(async () => (await containersOf(id)).length === 1, { ...patient, what: "the ended container to be removed" });
    expect(await containerOf(id)).toMatchObject({ state: "running", attempt: 2 });
    const { body } = await server.must("GET", at("/events?limit=100"));
    const exit = (body.events as { type: string; data: { ran_until: string; reason: string } }[]).find(({ type }) => type === "InstanceExited");
    expect(exit?.data.reason).toBe("engine-stopped");
    const ended = (await engine.getContainer((await containerOf(id)).id).inspect()).State.StartedAt;
    expect(Date.parse(exit?.data.ran_until ?? "")).toBeLessThan(Date.parse(ended));
  });

  test("and took a container down that was starting, starts it again", async () => {
    const slow = await registerImage(server, await unhurriedAgent(), "unhurried");
    const begun = (await server.must("POST", "/marketplace/instances", { body: { agent_id: slow }, headers: soon })).body.instance_id as string;
    await until(async () => (await containersOf(begun)).some(({ state }) => state === "running"), { ...patient, what: "its first container" });
    away();
    await engineIs(false);
    await engine.getContainer((await containerOf(begun)).id).kill();
    back();
    await until(async () => (await containersOf(begun)).map(({ state, attempt }) => `${state} ${attempt}`).join() === "running 2", { ...patient, what: "another container in its place" });
    await statusOf(server, begun, "running");
    expect((await server.must("GET", `/marketplace/instances/${begun}/events?limit=100`)).body.events.map(({ type }: { type: string }) => type)).not.toContain("InstanceStartFailed");
    await server.must("DELETE", `/marketplace/instances/${begun}`, { headers: patiently });
  });

  test("and took a paused container down with it, keeps the instance paused, and a resume starts it anew", async () => {
    await server.must("POST", at("/pause"), { headers: patiently });
    away();
    await engineIs(false);
    await engine.getContainer((await containerOf(id)).id).kill();
    back();
    await engineIs(true);
    const resumed = await server.must("POST", at("/resume"), { headers: patiently });
    expect([resumed.status, resumed.body.status]).toEqual([200, "running"]);
    await until(async () => (await containersOf(id)).length === 1, { ...patient, what: "the ended container to be removed" });
    expect(await containerOf(id)).toMatchObject({ state: "running", attempt: 2 });
    expect((await server.must("POST", at("/execute"), { body: { endpoint: "/work" } })).body.status).toBe("completed");
    expect(await eventTypes(server, id)).toEqual(expect.not.arrayContaining(["InstanceFailed"]));
    await server.must("DELETE", at(), { headers: patiently });
    expect((await auditedBill(server, id)).agrees).toBe(true);
  });

  test("lets an instance be terminated all the same: its clock stops at once, its container goes when the engine is back", async () => {
    away();
    await engineIs(false);
    expect((await server.must("DELETE", at(), { headers: soon })).body).toMatchObject({ status: "stopping", billing_info: { rate_per_hour: 0 } });
    const then = (await server.must("GET", `/billing/instances/${id}`)).body.total_cost_micros;
    back();
    await statusOf(server, id, "stopped");
    expect(await containersOf(id)).toEqual([]);
    const { bill, agrees, differences } = await auditedBill(server, id);
    expect({ agrees, differences, total: bill["total_cost_micros"] }).toEqual({ agrees: true, differences: [], total: then });
    expect(await server.stop()).toBe(0);
  });

  test("while the server was down, too, changes nothing that it finds again", async () => {
    const { id: container } = await containerOf(id);
    await server.kill();
    away();
    server = await installation.start();
    await engineIs(false);
    expect((await server.must("POST", at("/execute"), { body: { endpoint: "/work" } })).body.status).toBe("completed");
    back();
    await engineIs(true);
    await server.must("POST", at("/pause"), { headers: patiently });
    expect(await containerOf(id)).toMatchObject({ id: container, state: "paused", attempt: 1 });
    await server.must("DELETE", at(), { headers: patiently });
    expect(await containersOf(id)).toEqual([]);
    expect(await server.stop()).toBe(0);
  });
});
