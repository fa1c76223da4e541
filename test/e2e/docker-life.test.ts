import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { dockerSuite } from "#test/support/docker.ts";
import { auditedBill, containerOf, containersOf, engine, eventTypes, listen, patient, registerImage, statusOf, withDocker } from "#test/support/e2e.ts";
import { echoAgent, steeredAgent } from "#test/support/images.ts";
import { openTestRegistry } from "#test/support/registry.ts";
import { type Installation, openInstallation, runs, type ServerProcess } from "#test/support/server-process.ts";
import { until } from "#test/support/until.ts";

dockerSuite("The whole life of instances on real containers", () => {
  let installation: Installation;
  let server: ServerProcess;
  let echo = "";
  const at = (id: string, path = "") => `/marketplace/instances/${id}${path}`;
  const create = async (agent_id: string, instance_config = {}): Promise<string> =>
    (await server.must("POST", "/marketplace/instances", { body: { agent_id, instance_config }, headers: { prefer: "wait=120" } })).body.instance_id as string;

  beforeAll(async () => {
    installation = openInstallation(withDocker);
    const echoImage = await echoAgent();
    server = await installation.start();
    echo = await registerImage(server, echoImage, "echo", { docker: { configurable_env: ["VALUE"] } });
  }, 240_000);
  beforeEach(async () => { if (!runs(server)) server = await installation.start(); }, 120_000);
  afterAll(() => installation.close(), 120_000);

  test("an instance starts, works, is frozen and thawed, reports usage, ends, and is billed as the audit says", async () => {
    const feed = await listen(server, ["instances", "billing"]);
    const id = await create(echo, { environment: { VALUE: "mine" }, memory_limit: "96M", cpu_limit: "0.5", labels: { team: "red" } });
    const own = await listen(server, [`instance:${id}`]);
    expect(own.heard[0]).toMatchObject({ name: "snapshot", topics: { [`instance:${id}`]: { instance_id: id, status: "running" } } });

    const container = await containerOf(id);
    const { HostConfig, Config } = await engine.getContainer(container.id).inspect();
    expect(HostConfig).toMatchObject({ Memory: 96 * 2 ** 20, NanoCpus: 500_000_000, CapDrop: ["ALL"], Privileged: false });
    expect(HostConfig.PortBindings).toMatchObject({ "8000/tcp": [{ HostIp: "127.0.0.1" }] });
    expect(Config.Labels).toMatchObject({ "agenthub.instance": id, "agenthub.attempt": "1" });

    const task = await server.must("POST", at(id, "/execute"), { body: { endpoint: "/work", parameters: { a: [1, "ä"] } } });
    expect(task.body).toMatchObject({ status: "completed", cost: 0.01, result: { method: "POST", path: "/work", echo: { a: [1, "ä"] }, value: "mine" } });
    expect((await server.must("GET", `/tasks/${task.body.task_id}`)).body).toMatchObject({ status: "completed", result: { value: "mine" } });
    expect((await server.must("GET", at(id, "/logs?tail=50"))).body.logs.map(({ line, text }: { line?: string; text?: string }) => line ?? text)).toContain("listening on 8000");

    const usage = { specversion: "1.0", id: "report-1", source: "agent", type: "usage", time: new Date().toISOString(), data: { instance_id: id, meter: "requests", quantity: "2.5" } };
    for (const outcome of ["accepted", "duplicate"])
      expect((await server.must("POST", "/usage/events", { as: "publisher", body: usage })).body.results).toMatchObject([{ id: "report-1", outcome }]);

    await until(() => own.of("instance.metrics", id).some(({ memory_bytes }) => Number(memory_bytes) > 1_000_000), { ...patient, what: "a sample of the engine on the feed" });
    await until(() => own.of("cost.update", id).some(({ rate_per_hour, total_cost }) => rate_per_hour === 36 && Number(total_cost) > 1), { ...patient, what: "a cost on the feed" });
    expect((await server.must("GET", at(id, "/metrics"))).body.metrics.length).toBeGreaterThan(0);

    await server.must("POST", at(id, "/pause"), { headers: { prefer: "wait=120" } });
    expect((await engine.getContainer(container.id).inspect()).State).toMatchObject({ Status: "paused" });
    const frozen = (await server.must("GET", `/billing/instances/${id}`)).body;
    await until(() => feed.of("cost.update", id).some(({ rate_per_hour }) => rate_per_hour === 0), { ...patient, what: "the standing clock on the feed" });
    expect((await server.call("POST", at(id, "/execute"), { body: { endpoint: "/work" } })).status).toBe(409);
    const cursor = feed.cursor();
    feed.close();
    own.close();

    await server.must("POST", at(id, "/resume"), { headers: { prefer: "wait=120" } });
    expect((await engine.getContainer(container.id).inspect()).State).toMatchObject({ Status: "running" });
    expect((await server.must("POST", at(id, "/execute"), { body: { endpoint: "/again" } })).body).toMatchObject({ status: "completed", result: { path: "/again" } });
    await server.must("DELETE", at(id), { headers: { prefer: "wait=120" } });
    expect(await containersOf(id)).toEqual([]);

    const again = await listen(server, ["instances"], cursor);
    const missed = () => again.of("instance.status", id).map(({ status }) => status);
    await until(() => missed().includes("stopped"), { ...patient, what: "what was missed" });
    expect(missed()).toEqual(["resuming", "running", "stopping", "stopped"]);
    again.close();

    const { bill, audited, agrees, differences } = await auditedBill(server, id);
    expect({ agrees, differences }).toEqual({ agrees: true, differences: [] });
    expect(bill).toMatchObject({ instance_id: id, task_executions: expect.any(Number), cost_breakdown: { base_cost: 1, task_cost: 0.045 } });
    expect(String(audited["total_cost_micros"])).toBe(String(bill["total_cost_micros"]));
    expect(Number(bill["total_cost"])).toBeGreaterThanOrEqual(Number(frozen.total_cost));
    expect(await eventTypes(server, id)).toEqual([
      "InstanceRequested", "InstanceStarted", "UsageDayOpened", "PauseRequested", "InstancePaused", "ResumeRequested", "InstanceResumed", "TerminationRequested", "InstanceTerminated",
    ]);
  }, 240_000);

  test("no more instances than the agent allows, and a place again when one has ended", async () => {
    const agent = await registerImage(server, await echoAgent(), "single", { limits: { max_instances: 1 } });
    const first = await create(agent);
    const refused = await server.call("POST", "/marketplace/instances", { body: { agent_id: agent } });
    expect([refused.status, refused.body.type]).toEqual([409, expect.stringMatching(/capacity-exhausted$/)]);
    await server.must("DELETE", at(first), { headers: { prefer: "wait=120" } });
    const second = await create(agent);
    await server.must("DELETE", at(second), { headers: { prefer: "wait=120" } });
  }, 240_000);

  test("an image that no registry has is refused in words", async () => {
    const registry = await openTestRegistry();
    try {
      const body = { docker_image: registry.image.replace(/:1$/, ":2"), metadata: { name: "absent", version: "1.0.0" } };
      const refused = await server.call("POST", "/agents/register-docker", { as: "publisher", body });
      expect(refused.body).toMatchObject({ type: expect.stringMatching(/image-not-found$/), detail: expect.stringContaining("agent:2") });
    } finally {
      await registry.close();
    }
  }, 120_000);

  test("a container that is killed from outside is seen, told on the feed, restarted, and its time until then is billed", async () => {
    const id = await create(echo);
    const feed = await listen(server, [`instance:${id}`]);
    const before = await containerOf(id);
    await engine.getContainer(before.id).kill();
    await until(() => feed.of("instance.status", id).at(-1)?.["status"] === "running", { ...patient, what: "the restart on the feed" });
    const told = feed.of("instance.status", id);
    expect(told.map(({ event }) => event)).toEqual(["InstanceExited", "InstanceRestarted"]);
    expect(told.map(({ status }) => status)).toEqual(["restarting", "running"]);
    feed.close();
    await until(async () => (await containersOf(id)).length === 1, { ...patient, what: "the ended container to be removed" });
    expect(await containerOf(id)).toMatchObject({ state: "running", attempt: 2 });
    expect((await server.must("POST", at(id, "/execute"), { body: { endpoint: "/work" } })).body.status).toBe("completed");
    await server.must("DELETE", at(id), { headers: { prefer: "wait=120" } });
    expect(await containersOf(id)).toEqual([]);
    expect(await auditedBill(server, id)).toMatchObject({ agrees: true, differences: [] });
  }, 240_000);

  test("an agent that takes more memory than it may is recognised", async () => {
    const id = await create(echo, { memory_limit: "96M" });
    await server.must("POST", at(id, "/execute"), { body: { endpoint: "/hog" } });
    const events = await until(async () => {
      const { body } = await server.must("GET", at(id, "/events?limit=100"));
      return (body.events as { type: string; data: object }[]).find(({ type }) => type === "InstanceExited");
    }, { ...patient, what: "the exit" });
    expect(events.data).toMatchObject({ out_of_memory: true, reason: "out-of-memory", detail: expect.stringMatching(/memory/) });
    await server.must("DELETE", at(id), { headers: { prefer: "wait=120" } });
    expect(await containersOf(id)).toEqual([]);
  }, 240_000);

  test("an agent that ends by itself again and again fails as a crash loop, in words, and costs nothing more", async () => {
    const id = await create(echo);
    for (let exits = 1; exits <= 5; exits += 1) {
      await server.call("POST", at(id, "/execute"), { body: { endpoint: "/exit?code=3" } });
      await until(async () => (await eventTypes(server, id)).filter((type) => type === "InstanceExited").length === exits, { ...patient, what: `exit ${exits}` });
      if (exits < 5) await until(async () => { const { body } = await server.must("GET", at(id)); return body.status === "running" && body.attempt === exits + 1; }, { ...patient, what: `start ${exits + 1}` });
      else await statusOf(server, id, "failed");
    }
    const { body } = await server.must("GET", at(id));
    expect(body).toMatchObject({ status: "failed", failure: { reason: "crash-loop", detail: expect.stringMatching(/5 times/) }, billing_info: { rate_per_hour: 0 } });
    await server.must("DELETE", at(id), { headers: { prefer: "wait=120" } });
    expect(await containersOf(id)).toEqual([]);
    expect(await auditedBill(server, id)).toMatchObject({ agrees: true, differences: [] });
  }, 300_000);

  test("an agent that never gets healthy fails in words, as soon as the operator says, and costs nothing", async () => {
    const strict = openInstallation({ ...withDocker, AGENTHUB_START_TIMEOUT: "3s" });
    try {
      const other = await strict.start();
      const agent_id = await registerImage(other, await steeredAgent("sick", { UNHEALTHY: "1" }), "sickly");
      const { body } = await other.must("POST", "/marketplace/instances", { body: { agent_id }, headers: { prefer: "respond-async" } });
      const sickly = body.instance_id as string;
      await statusOf(other, sickly, "failed");
      expect((await other.must("GET", at(sickly))).body.failure).toEqual({
        reason: "start-timeout", detail: "The agent gave no good answer to its health check within 3 s: the health check answered 503.",
      });
      expect((await other.must("GET", `/billing/instances/${sickly}`)).body).toMatchObject({ total_cost: 0 });
    } finally {
      await strict.close();
    }
  }, 240_000);

  test("the audit of everything agrees, and the server ends in order while somebody listens", async () => {
    const feed = await listen(server, ["instances"]);
    const { body } = await server.must("GET", "/billing/audit", { as: "operator" });
    expect({ agrees: body.agrees, differences: body.differences }).toEqual({ agrees: true, differences: [] });
    expect(await server.stop()).toBe(0);
    feed.close();
  }, 120_000);
});
