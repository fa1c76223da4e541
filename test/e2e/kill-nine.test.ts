import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { dockerSuite } from "#test/support/docker.ts";
import { auditedBill, containerOf, containersOf, engine, engineTells, eventTypes, patient, registerImage, statusOf, unhurriedAgent, withDocker } from "#test/support/e2e.ts";
import { echoAgent } from "#test/support/images.ts";
import { type Installation, openInstallation, runs, type ServerProcess } from "#test/support/server-process.ts";
import { until } from "#test/support/until.ts";

const soon = { prefer: "respond-async" };
const patiently = { prefer: "wait=120" };

dockerSuite("A server that is killed", () => {
  let installation: Installation;
  let server: ServerProcess;
  const at = (id: string, path = "") => `/marketplace/instances/${id}${path}`;
  const again = async (): Promise<void> => {
    await server.kill();
    server = await installation.start();
  };
  /** Asks for something, kills the server when the engine tells an action, and starts it again. */
  async function killedAt(id: string, action: string, ask: () => Promise<unknown>): Promise<void> {
    const told = await engineTells(id, action);
    await ask();
    await told.seen;
    await again();
    told.close();
  }

  beforeAll(async () => {
    installation = openInstallation(withDocker);
    await unhurriedAgent();
    await echoAgent();
    server = await installation.start();
  }, 240_000);
  beforeEach(async () => { if (!runs(server)) server = await installation.start(); }, 120_000);
  afterAll(() => installation.close(), 120_000);

  test("in the middle of every effect brings about what was asked for, with one container, and a bill that the audit confirms", async () => {
    const agent = await registerImage(server, await unhurriedAgent(), "unhurried", { docker: { stop_grace: 30 } });
    const made = await server.must("POST", "/marketplace/instances", { body: { agent_id: agent }, headers: soon });
    const id = made.body.instance_id as string;
    expect([made.status, made.body.status]).toEqual([202, "starting"]);
    await until(async () => (await containersOf(id)).length === 1, { ...patient, what: "the container while the instance starts" });
    await again();
    await statusOf(server, id, "running");
    const first = await containerOf(id);
    expect(first).toMatchObject({ state: "running", attempt: 1 });

    const task = await server.must("POST", at(id, "/execute"), { body: { endpoint: "/work?ms=60000", timeout: 8 }, headers: soon });
    expect((await server.must("POST", at(id, "/pause"), { headers: soon })).status).toBe(202);
    await again();
    await statusOf(server, id, "paused");
    expect((await engine.getContainer(first.id).inspect()).State.Status).toBe("paused");
    const ends = ["lost", "cancelled", "timed_out"];
    await until(async () => ends.includes((await server.must("GET", `/tasks/${task.body.task_id}`)).body.status), { ...patient, what: "the end of the task whose server is gone, at its deadline" });

    await killedAt(id, "unpause", () => server.must("POST", at(id, "/resume"), { headers: soon }));
    await statusOf(server, id, "running");
    await killedAt(id, "pause", () => server.must("POST", at(id, "/pause"), { headers: soon }));
    await statusOf(server, id, "paused");
    await server.must("POST", at(id, "/resume"), { headers: patiently });
    expect(await containerOf(id)).toMatchObject({ id: first.id, state: "running" });

    await killedAt(id, "kill", () => server.must("DELETE", at(id), { headers: soon }));
    await statusOf(server, id, "stopped");
    expect(await containersOf(id)).toEqual([]);
    expect((await eventTypes(server, id)).filter((type) => type !== "UsageDayOpened")).toEqual([
      "InstanceRequested", "InstanceStarted", "PauseRequested", "InstancePaused", "ResumeRequested", "InstanceResumed",
      "PauseRequested", "InstancePaused", "ResumeRequested", "InstanceResumed", "TerminationRequested", "InstanceTerminated",
    ]);
    const { bill, audited, agrees, differences } = await auditedBill(server, id);
    expect({ agrees, differences }).toEqual({ agrees: true, differences: [] });
    expect(String(audited["total_cost_micros"])).toBe(String(bill["total_cost_micros"]));
    expect((await server.must("GET", `/agents/${agent}`)).body.marketplace_info.availability.current_instances).toBe(0);
  }, 300_000);

  test("right after it acknowledged an instance, and again after its termination, keeps both words", async () => {
    const agent = await registerImage(server, await unhurriedAgent(), "unhurried", { docker: { stop_grace: 30 } });
    const keys = ["a", "b"].map((name) => `${name} ${server.url}`);
    const [one, other] = await Promise.all(keys.map(async (key) =>
      (await server.must("POST", "/marketplace/instances", { body: { agent_id: agent }, headers: { ...soon, "idempotency-key": key } })).body.instance_id as string)) as [string, string];
    const [key = ""] = keys;
    await again();
    const repeated = await server.must("POST", "/marketplace/instances", { body: { agent_id: agent }, headers: { ...soon, "idempotency-key": key } });
    expect(repeated.body.instance_id).toBe(one);
    await server.must("DELETE", at(one), { headers: soon });
    await again();
    await statusOf(server, one, "stopped");
    await statusOf(server, other, "running");
    expect([await containersOf(one), (await containersOf(other)).length]).toEqual([[], 1]);
    await killedAt(other, "die", () => server.must("DELETE", at(other), { headers: soon }));
    await statusOf(server, other, "stopped");
    expect(await containersOf(other)).toEqual([]);
  }, 300_000);

  test("under many commands at once loses none that it acknowledged and does none twice", async () => {
    const agent = await registerImage(server, await echoAgent(), "busy", { pricing: { type: "per_request", price: "0.01" } });
    const id = (await server.must("POST", "/marketplace/instances", { body: { agent_id: agent }, headers: patiently })).body.instance_id as string;
    const acknowledged = new Map<string, string>();
    const asked: string[] = [];
    let sent = 0;
    const execute = async (key: string): Promise<{ status: number; task: string }> => {
      const { status, body } = await server.call("POST", at(id, "/execute"), { body: { endpoint: "/work", parameters: { key } }, headers: { "idempotency-key": key } });
      return { status, task: body.task_id as string };
    };
    for (let round = 1; round <= 3; round += 1) {
      const target = acknowledged.size + 40;
      let killed = false;
      const crowd = Array.from({ length: 16 }, async () => {
        for (;;) {
          const key = `task-${sent += 1}`;
          asked.push(key);
          try {
            const { status, task } = await execute(key);
            if (status === 200) acknowledged.set(key, task);
          } catch {
            return; // the server is gone: whether this one was done is asked below
          }
          if (acknowledged.size >= target && !killed) {
            killed = true;
            server.process.kill("SIGKILL");
          }
        }
      });
      await Promise.all(crowd);
      await again();
      await statusOf(server, id, "running");
    }
    const outcomes = new Map<string, { status: number; task: string }>();
    for (const key of asked) outcomes.set(key, await execute(key));
    for (const [key, task] of acknowledged) expect(outcomes.get(key)).toEqual({ status: 200, task });
    const ids = new Set([...outcomes.values()].map(({ task }) => task));
    expect(ids.size).toBe(asked.length);

    await server.must("DELETE", at(id), { headers: patiently });
    const done = [...outcomes.values()].filter(({ status }) => status === 200).length;
    const { bill, audited, agrees, differences } = await auditedBill(server, id);
    expect({ agrees, differences }).toEqual({ agrees: true, differences: [] });
    expect([bill["task_executions"], String(audited["total_cost_micros"])]).toEqual([done, String(done * 10_000)]);
    expect(String(bill["total_cost_micros"])).toBe(String(done * 10_000));
  }, 300_000);

  test("leaves nothing behind", async () => {
    expect((await server.must("GET", "/billing/audit", { as: "operator" })).body).toMatchObject({ agrees: true, differences: [] });
    const list = async () => (await server.must("GET", "/marketplace/instances?limit=100")).body.instances as { instance_id: string; status: string }[];
    for (const { instance_id } of await list()) await server.must("DELETE", at(instance_id), { headers: patiently });
    for (const { instance_id, status } of await list()) expect([status, await containersOf(instance_id)]).toEqual(["stopped", []]);
    expect(await server.stop()).toBe(0);
  }, 120_000);
});
