import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { problem, type StubRoutes, type StubServer, stubServer } from "#test/support/stub-server.ts";
import { openTerminal, type Ran, type Terminal, type TerminalOptions } from "#test/support/terminal.ts";
import { agent, instance } from "./samples.ts";

let terminal: Terminal;
let server: StubServer | undefined;
beforeEach(() => { terminal = openTerminal(); });
afterEach(async () => { terminal.close(); await server?.close(); server = undefined; });

async function against(routes: StubRoutes, argv: readonly string[], options: TerminalOptions = {}): Promise<Ran> {
  await server?.close();
  server = await stubServer(routes);
  return terminal.run([...argv, "--server", server.url, "--api-key", "ah_test"], options);
}

const bodies = () => server?.requests.map(({ body }) => body) ?? [];
const file = (name: string, text: string) => { writeFileSync(join(terminal.dir, name), text); return name; };
const manifest = 'name: my-agent\nversion: 1.0.0\npricing: { type: per_request, price: "0.01" }\n';

test("the developer's workflow: an example, registered as a Docker agent with its registry login", async () => {
  const made = await terminal.run(["example-config", "--docker", "--output", "my-agent.yaml"]);
  expect(made.code).toBe(0);
  expect(made.out).toContain("register-docker-agent --config my-agent.yaml");
  const answer = { status: 201, body: { agent_id: "agent-1", name: "my-agent", version: "1.0.0", lifecycle_stage: "registered", docker_image: "myrepo/my-agent:v1.0" } };
  const ran = await against({ "POST /agents/register-docker": answer }, [
    "register-docker-agent", "--config", "my-agent.yaml", "--docker-image", "myrepo/my-agent:v1.0", "--registry-user", "myuser", "--registry-pass", "mypass",
  ]);
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("agent-1") });
  expect(ran.err).toContain("warning: a password on the command line");
  expect(bodies()).toMatchObject([{
    docker_image: "myrepo/my-agent:v1.0", metadata: { name: "my-agent", docker: { port: 8000 } }, registry_credentials: { username: "myuser", password: "mypass" },
  }]);
});

test("a registry password from the environment or standard input warns nobody", async () => {
  const config = file("agent.yaml", manifest);
  const routes = { "POST /agents/register-docker": { status: 201, body: {} } };
  const argv = ["register-docker-agent", "--config", config, "--docker-image", "a/b:1", "--registry-user", "me"];
  const environment = await against(routes, argv, { env: { AGENTHUB_REGISTRY_PASSWORD: "from-env" } });
  expect(environment.err).toBe("");
  expect(bodies()).toMatchObject([{ registry_credentials: { password: "from-env" } }]);
  const piped = await against(routes, [...argv, "--registry-pass", "-"], { input: "piped\n" });
  expect(piped.err).toBe("");
  expect(bodies()).toMatchObject([{ registry_credentials: { password: "piped" } }]);
  expect((await against(routes, argv)).code).toBe(2);
});

test.each([
  ["names a field that is none", `${manifest}catgory: x\nendpoint: http://a.example\n`, "did you mean category?"],
  ["reads a version as a number", "name: a\nversion: 1.0\nendpoint: http://a.example\n", "version: must be text"],
  ["lacks an endpoint", manifest, "endpoint: is required"],
  ["uses aliases", "a: &x [1]\nb: *x\n", "not valid YAML"],
  ["nests too deep", `${"[".repeat(40)}${"]".repeat(40)}`, "not valid YAML"],
  ["breaks off", "name: [", "line "],
  ["is a list", "- a\n", "must hold names and values"],
  ["is too large", `description: ${"x".repeat(70_000)}\n`, "64 KB"],
])("a manifest that %s is refused by its field before anything is sent", async (_what, text, words) => {
  const ran = await against({}, ["register-agent", "--config", file("agent.yaml", text)]);
  expect(ran).toMatchObject({ code: 2, out: "" });
  expect(ran.err).toContain(words);
  expect(server?.requests).toEqual([]);
});

test("the printed examples are manifests that the CLI itself accepts", async () => {
  for (const [verb, flags] of [["register-agent", []], ["register-docker-agent", ["--docker"]]] as const) {
    const { out } = await terminal.run(["example-config", ...flags]);
    const ran = await against({ "POST /agents/register": { status: 201, body: {} }, "POST /agents/register-docker": { status: 201, body: {} } }, [verb, "--config", file("agent.yaml", out)]);
    expect(ran).toMatchObject({ code: 0, err: "" });
  }
});

test("example-config leaves a file alone that exists, unless it is forced", async () => {
  file("mine.yaml", "mine");
  expect((await terminal.run(["example-config", "--output", "mine.yaml"])).code).toBe(5);
  expect(readFileSync(join(terminal.dir, "mine.yaml"), "utf8")).toBe("mine");
  expect((await terminal.run(["example-config", "--output", "mine.yaml", "--force"])).code).toBe(0);
});

test("discovery filters, pages and shows prices exactly", async () => {
  const page = { raw: JSON.stringify({ agents: [agent], next_cursor: "c2" }).replace('"price":0.01', '"price":0.0100000001') };
  const ran = await against({ "GET /marketplace/agents": page }, ["marketplace-discover", "--category", "utility", "--limit", "10", "--query", "text", "--available"]);
  expect(String(server?.requests[0]?.query)).toBe("category=utility&q=text&available=true&limit=10");
  expect(ran.out).toContain("0.0100000001 USD per request");
  expect(ran.err).toContain("--cursor c2");
});

test("instance-create sends the file's configuration with the flags over it, and waits until it runs", async () => {
  const config = file("instance.json", JSON.stringify({ memory_limit: "512M", cpu_limit: "0.5" }));
  const ran = await against({
    "POST /marketplace/instances": { status: 202, body: instance("starting") },
    "GET /marketplace/instances/instance-1": [{ body: instance("starting") }, { body: instance("running") }],
  }, ["instance-create", "agent-1", "--config", config, "--memory", "256M", "--env", "MODEL=a=b"]);
  expect(bodies()[0]).toEqual({ agent_id: "agent-1", instance_config: { memory_limit: "256M", cpu_limit: "0.5", environment: { MODEL: "a=b" } } });
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("running") });
});

test("an instance that fails to start is exit code 1; --no-wait does not wait for it", async () => {
  const failed = instance("failed", { failure: { reason: "start-timeout", detail: "no answer on /health" } });
  const ran = await against({ "POST /marketplace/instances": { body: failed } }, ["instance-create", "agent-1"]);
  expect(ran).toMatchObject({ code: 1, out: expect.stringContaining("no answer on /health") });
  expect((await against({ "POST /marketplace/instances": { body: instance("starting") } }, ["instance-create", "agent-1", "--no-wait"])).code).toBe(0);
});

test.each([["instance-pause", "pause", "pausing", "paused"], ["instance-resume", "resume", "resuming", "running"]])("%s waits for its outcome", async (verb, path, before, after) => {
  const ran = await against({
    [`POST /marketplace/instances/instance-1/${path}`]: { status: 202, body: instance(before) }, "GET /marketplace/instances/instance-1": { body: instance(after) },
  }, [verb, "instance-1", "--json"]);
  expect(ran.code).toBe(0);
  expect(JSON.parse(ran.out)).toMatchObject({ status: after });
});

test("a pause that fell back to running is exit code 1", async () => {
  const ran = await against({
    "POST /marketplace/instances/instance-1/pause": { body: instance("pausing") }, "GET /marketplace/instances/instance-1": { body: instance("running") },
  }, ["instance-pause", "instance-1"]);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain("is running, not paused");
});

test("instance-terminate asks at a terminal, needs --confirm elsewhere", async () => {
  const routes = { "DELETE /marketplace/instances/instance-1": { body: instance("stopped") } };
  const argv = ["instance-terminate", "instance-1"];
  const atTerminal = { terminal: { input: true, errors: true } };
  expect(await against(routes, argv)).toMatchObject({ code: 2, err: expect.stringContaining("--confirm") });
  expect((await against(routes, argv, { ...atTerminal, answers: ["n"] })).code).toBe(1);
  expect(server?.requests).toEqual([]);
  expect((await against(routes, argv, { ...atTerminal, answers: ["y"] })).code).toBe(0);
  expect((await against(routes, [...argv, "--confirm"])).code).toBe(0);
});

test("a task's result is printed; a task that failed is exit code 1 and names its task", async () => {
  const path = "POST /marketplace/instances/instance-1/execute";
  const argv = ["instance-execute", "instance-1", "--endpoint", "/analyze", "--parameters", '{"data":"sample"}', "--timeout", "30"];
  const done = { task_id: "task-1", instance_id: "instance-1", endpoint: "/analyze", status: "completed", result: { label: "good" }, cost: 0.01, created_at: "2026-01-01T00:00:00.000Z" };
  const ran = await against({ [path]: { body: done } }, argv);
  expect(bodies()).toEqual([{ endpoint: "/analyze", parameters: { data: "sample" }, timeout: 30 }]);
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining('"label": "good"') });
  const failed = await against({ [path]: problem(502, "agent-failed", "The agent failed", { task_id: "task-2" }) }, argv);
  expect(failed).toMatchObject({ code: 1, err: expect.stringContaining("task-2") });
  expect((await against({}, [...argv.slice(0, 4), "--parameters", "{broken"])).code).toBe(2);
});

test.each([
  [401, "invalid-api-key", 4], [403, "insufficient-scope", 4], [404, "instance-not-found", 3], [409, "invalid-state-transition", 5],
  [422, "validation-failed", 2], [429, "rate-limited", 6], [504, "agent-timeout", 6], [500, "internal-error", 1],
])("status %i (%s) is exit code %i, in words and as JSON", async (status, slug, code) => {
  const routes = { "GET /marketplace/instances/instance-1": problem(status, slug, "A title", { detail: "The way it is." }) };
  const plain = await against(routes, ["instance-details", "instance-1"]);
  expect(plain).toMatchObject({ code, out: "" });
  expect(plain.err).toContain("A title: The way it is.");
  const ran = await against(routes, ["instance-details", "instance-1", "--json"]);
  expect(JSON.parse(ran.err)).toMatchObject({ error: { type: slug, status, exit_code: code } });
});

test("an audit without differences is exit code 0, with one it is 1", async () => {
  const report = { as_of: "2026-01-01T00:00:00.000Z", agrees: true, events_read: 10, instances: [], totals_micros: {}, differences: [] };
  const fine = await against({ "GET /billing/audit": { body: report } }, ["audit", "--instance", "instance-1", "--month", "2026-01"]);
  expect(fine.code).toBe(0);
  expect(String(server?.requests[0]?.query)).toBe("instance=instance-1&period=2026-01");
  const difference = { instance_id: "instance-1", field: "total_cost", from_events: "1.00", from_read_model: "2.00" };
  const wrong = await against({ "GET /billing/audit": { body: { ...report, agrees: false, differences: [difference] } } }, ["audit"]);
  expect(wrong).toMatchObject({ code: 1, out: expect.stringContaining("2.00") });
});

test("alerts tells what is wrong and since when, and nothing where all is well", async () => {
  const alert = { code: "engine-away", severity: "error", subject: "docker", words: "The container engine docker does not answer", since: "2026-01-01T00:00:00.000Z" };
  expect((await against({ "GET /admin/alerts": { body: { alerts: [alert], next_cursor: null } } }, ["alerts"])).out).toMatch(/error\s+2026-01-01\S*\s+engine-away\s+The container engine docker/);
  expect(await against({ "GET /admin/alerts": { body: { alerts: [], next_cursor: null } } }, ["alerts"])).toMatchObject({ code: 0, out: expect.not.stringContaining("engine") });
});

test("account-create opens an account and shows its key once", async () => {
  const made = { account_id: "account-2", name: "acme", roles: ["publisher", "customer"], currency: "EUR", api_key: "ah_once" };
  const ran = await against({ "POST /admin/accounts": { status: 201, body: made } }, ["account-create", "--name", "acme", "--role", "publisher", "--role", "customer", "--currency", "EUR"]);
  expect(bodies()).toEqual([{ name: "acme", roles: ["publisher", "customer"], currency: "EUR" }]);
  expect(ran.out).toContain("ah_once");
  expect((await against({}, ["account-create", "--name", "x", "--role", "king"])).code).toBe(2);
});

test("usage is reported as a CloudEvent; a refused one is exit code 1", async () => {
  const taken = { accepted: 1, duplicates: 0, refused: 0, results: [] };
  const ran = await against({ "POST /usage/events": { body: taken } }, ["usage-record", "instance-1", "--quantity", "2.5", "--id", "r1", "--time", "2026-01-01T00:00:00Z"]);
  expect(ran.code).toBe(0);
  expect(bodies()).toEqual([{
    specversion: "1.0", type: "agenthub.usage", source: "agenthub-cli", id: "r1", time: "2026-01-01T00:00:00Z", subject: "instance-1", data: { meter: "requests", quantity: "2.5" },
  }]);
  const refused = { accepted: 0, duplicates: 0, refused: 1, results: [{ index: 0, id: "r1", outcome: "refused", problem: { detail: "is before the instance started" } }] };
  const batch = await against({ "POST /usage/events": { body: refused } }, ["usage-record", "--file", file("events.json", "[{}]")]);
  expect(batch).toMatchObject({ code: 1, out: expect.stringContaining("is before the instance started") });
  expect(server?.requests[0]?.headers["content-type"]).toBe("application/cloudevents-batch+json");
});

test("with no server, a command that only looks makes no data folder and says how to start one", async () => {
  const ran = await terminal.run(["instance-list"]);
  expect(ran).toMatchObject({ code: 6, err: expect.stringContaining("agenthub serve") });
  expect(existsSync(join(terminal.dir, "data"))).toBe(false);
});
