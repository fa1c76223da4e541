import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { io } from "socket.io-client";
import { run } from "#app/application.ts";
import { callerOf, startTestApp, type Answer, type As, type CallOptions } from "#test/support/app.ts";
import { until } from "#test/support/until.ts";
import { openTestWorld, testImage } from "#test/support/world.ts";

const canaries = {
  password: "canary-registry-password", user: "canary-registry-user", manifestValue: "canary-manifest-value", instanceValue: "canary-instance-value",
  parameter: "canary-parameter", failedParameter: "canary-failed-parameter", result: "canary-result", badField: "canary-refused-value",
} as const;
type Canary = keyof typeof canaries;
const found = (text: string): Canary[] => (Object.keys(canaries) as Canary[]).filter((name) => [canaries[name], Buffer.from(canaries[name]).toString("base64").slice(0, 20)].some((form) => text.includes(form)));

async function filesOf(dir: string): Promise<{ name: string; bytes: string }[]> {
  const names = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return Promise.all(names.map(async ({ parentPath, name }) => ({ name, bytes: (await readFile(join(parentPath, name))).toString("latin1") })));
}

interface Said { readonly what: string; readonly answer: Answer }

/** Everything that can be read over HTTP, by everybody. */
async function readAll(call: (method: string, path: string, options?: CallOptions) => Promise<Answer>, ids: Record<string, string>): Promise<Said[]> {
  const { paths } = (await call("GET", "/openapi.json")).body as { paths: Record<string, Record<string, unknown>> };
  const said: Said[] = [];
  for (const path of Object.keys(paths).filter((template) => paths[template]?.["get"] !== undefined)) {
    const [, kind = ""] = /^\/(?:marketplace\/|billing\/|admin\/)?(agent|instance|task|account|problem)s\//.exec(path) ?? [];
    for (const as of ["operator", "publisher", "customer"] as As[])
      said.push({ what: `${as} GET ${path}`, answer: await call("GET", path.replace(/\{\w+\}/, ids[kind] ?? "not-found"), { as }) });
  }
  return said;
}

test("secrets, parameters and results appear nowhere but where they must: sealed, with the agent, and with who asked", async () => {
  const dir = await mkdtemp(join(tmpdir(), "agenthub-secrets-"));
  const logged: string[] = [];
  const log = pino({ level: "trace" }, new Writable({ write: (chunk, _encoding, done) => { logged.push(String(chunk)); done(); } }));
  const world = { ...await openTestWorld({ settings: { AGENTHUB_DATA_DIR: dir } }), log };
  const { url, close } = await run(world);
  const { admin_key, publisher_key, customer_key } = world.credentials;
  const call = callerOf(url, { operator: admin_key, publisher: publisher_key, customer: customer_key });
  const frames: string[] = [];
  const socket = io(`${url}/live`, { auth: { token: admin_key }, transports: ["websocket"], reconnection: false, forceNew: true });
  socket.onAny((...message: unknown[]) => { frames.push(JSON.stringify(message)); });
  const said: Said[] = [];
  const sent = async (what: string, method: string, path: string, options: CallOptions): Promise<Answer> => {
    const answer = await call(method, path, options);
    said.push({ what, answer });
    return answer;
  };
  try {
    const metadata = { name: "secretive", version: "1.0.0", category: "utility", pricing: { type: "per_request", price: "0.01" }, docker: { env: { TOKEN: canaries.manifestValue }, configurable_env: ["MODEL"] } };
    const registry_credentials = { username: canaries.user, password: canaries.password };
    const agent = (await sent("register", "POST", "/agents/register-docker", { as: "publisher", body: { docker_image: testImage, metadata, registry_credentials } })).body.agent_id as string;
    await sent("register an image that is not there", "POST", "/agents/register-docker", { as: "publisher", body: { docker_image: "nobody/has:this", metadata: { ...metadata, name: "missing" }, registry_credentials } });
    await sent("register with mistakes", "POST", "/agents/register-docker", { as: "publisher", body: { docker_image: testImage, metadata: { ...metadata, docker: { env: { "BAD-NAME": canaries.badField } } }, registry_credentials: { ...registry_credentials, token: canaries.badField } } });
    await sent("a version", "POST", `/agents/${agent}/versions`, { as: "publisher", body: { docker_image: testImage, metadata: { ...metadata, version: "2.0.0" }, registry_credentials } });
    const created = await sent("create", "POST", "/marketplace/instances", { body: { agent_id: agent, instance_config: { environment: { MODEL: canaries.instanceValue } } } });
    const instance = created.body.instance_id as string;
    expect(created.status).toBe(201);
    expect(await socket.emitWithAck("subscribe", { topics: ["instances", `instance:${instance}`, "billing", "agents"] })).toMatchObject({ ok: true });
    await sent("create with a variable that may not be set", "POST", "/marketplace/instances", { body: { agent_id: agent, instance_config: { environment: { PATH: canaries.instanceValue } } } });

    const execute = `/marketplace/instances/${instance}/execute`;
    world.agent.behave = async () => ({ secret: canaries.result });
    const done = await call("POST", execute, { body: { endpoint: "/p", parameters: { deep: [{ secret: canaries.parameter }] } }, headers: { "idempotency-key": "one" } });
    expect([done.status, found(JSON.stringify(done.body))]).toEqual([200, ["result"]]);
    world.agent.behave = () => Promise.reject(new Error("the agent failed with status 500"));
    await sent("a task that fails", "POST", execute, { body: { endpoint: "/p", parameters: { secret: canaries.failedParameter } }, headers: { "idempotency-key": "two" } });
    await sent("a task that is refused", "POST", execute, { body: { endpoint: "//x", parameters: { secret: canaries.badField } } });
    for (const verb of ["pause", "resume"]) await sent(verb, "POST", `/marketplace/instances/${instance}/${verb}`, {});
    world.runtime.crash(instance);
    await until(async () => (await call("GET", `/marketplace/instances/${instance}/events`)).body.events.some((event: { type: string }) => event.type === "InstanceRestarted"));

    const ids = { agent, instance, task: done.body.task_id as string, account: created.body.customer_id as string };
    const read = await readAll(call, ids);
    const own = read.filter(({ what }) => what.endsWith(" GET /tasks/{id}"));
    said.push(...read.filter((entry) => !own.includes(entry)));
    // The owner and the operator may have the result again; the publisher does not learn of the task at all.
    expect(own.map(({ what, answer }) => [what.split(" ")[0], answer.status, found(JSON.stringify(answer.body))])).toEqual([["operator", 200, ["result"]], ["publisher", 403, []], ["customer", 200, ["result"]]]);
    await sent("terminate", "DELETE", `/marketplace/instances/${instance}`, {});
    await sent("deregister", "DELETE", `/agents/${agent}`, { as: "publisher" });

    expect(said.length).toBeGreaterThan(80);
    expect(said.map(({ what, answer }) => [what, found(`${JSON.stringify(answer.body)}${JSON.stringify([...answer.headers])}`)]).filter(([, names]) => names?.length !== 0)).toEqual([]);
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.flatMap(found)).toEqual([]);
    expect(logged.length).toBeGreaterThan(50);
    expect(logged.flatMap(found)).toEqual([]);
    const events = await world.stores.events.readAll({ max: 100_000 });
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(["AgentRegistered", "InstanceStarted", "TaskSucceeded", "TaskFailed", "InstanceRestarted", "InstanceTerminated", "AgentDeregistered"]));
    expect(events.filter((event) => found(JSON.stringify(event)).length > 0)).toEqual([]);
    // What proves that the search finds what is there: the agent was given the parameters.
    expect(found(JSON.stringify(world.agent.executed))).toEqual(["parameter", "failedParameter"]);
  } finally {
    socket.disconnect();
    await close();
  }
  const files = await filesOf(dir);
  await rm(dir, { recursive: true, force: true });
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(["events.db", "read-models.db", "system.db", "credentials.json"]));
  // A result waits for its owner in the log's file, beside the events, for a day; nothing else lies anywhere in the open.
  for (const { name, bytes } of files) expect([name, found(bytes).filter((canary) => canary !== "result" || !name.startsWith("events.db"))]).toEqual([name, []]);
  const keys = [admin_key, publisher_key, customer_key];
  expect(files.filter(({ name, bytes }) => name !== "credentials.json" && keys.some((key) => bytes.includes(key)))).toEqual([]);
  expect(logged.filter((line) => keys.some((key) => line.includes(key)))).toEqual([]);
}, 120_000);

test("what is refused leaves no secret behind, and what is registered keeps its own", async () => {
  const app = await startTestApp();
  try {
    const kept = async (): Promise<number> => (await app.world.stores.system.list("secret", "", 100)).length;
    const register = (description: string, version = "1.0.0") => app.call("POST", "/agents/register-docker", {
      as: "publisher", body: { docker_image: testImage, metadata: { name: "private", version, description }, registry_credentials: { username: "u", password: "p" } },
    });
    expect([(await register("first")).status, await kept()]).toEqual([201, 1]);
    expect([(await register("other content, same version")).status, await kept()]).toEqual([409, 1]);
    expect([(await register("first")).status, await kept()]).toEqual([200, 1]);
    expect([(await register("first", "2.0.0")).status, await kept()]).toEqual([201, 2]);
  } finally {
    await app.close();
  }
}, 60_000);
