import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { problem, type StubRoutes, type StubServer, stubServer } from "#test/support/stub-server.ts";
import { openTerminal, type Ran, type Terminal } from "#test/support/terminal.ts";
import { instance } from "./samples.ts";

let terminal: Terminal;
let server: StubServer | undefined;
beforeEach(() => { terminal = openTerminal(); });
afterEach(async () => { terminal.close(); await server?.close(); server = undefined; });

async function against(routes: StubRoutes, argv: readonly string[]): Promise<Ran> {
  await server?.close();
  server = await stubServer(routes);
  return terminal.run([...argv, "--server", server.url, "--api-key", "ah_test"]);
}

const details = "GET /marketplace/instances/instance-1";

test("a detail that only repeats the title, or the fields below it, is not told twice", async () => {
  const same = await against({ [details]: problem(404, "instance-not-found", "There is no such instance", { detail: "There is no such instance." }) }, ["instance-details", "instance-1"]);
  expect(same.err.split("\n")[0]).toBe("error: There is no such instance");
  const errors = [{ field: "a", message: "is wrong" }, { field: "b", message: "is too" }];
  const fields = await against({ [details]: problem(422, "invalid-query", "The query is not valid", { detail: "a: is wrong; b: is too", errors }) }, ["instance-details", "instance-1"]);
  expect(fields.err).toBe("error: The query is not valid\n  a: is wrong\n  b: is too\n");
  const some = await against({ [details]: problem(422, "invalid-query", "The query is not valid", { detail: "a: is wrong", errors }) }, ["instance-details", "instance-1"]);
  expect(some.err).toBe(fields.err);
});

test("a group that is given none of its commands shows its help; as JSON it is a usage error", async () => {
  const shown = await terminal.run(["api-keys"]);
  expect(shown).toMatchObject({ code: 2, out: "", err: expect.stringContaining("revoke") });
  expect(shown.err).not.toContain("outputHelp");
  const told = await terminal.run(["--json", "projections"]);
  expect(told.code).toBe(2);
  expect(JSON.parse(told.err)).toMatchObject({ error: { type: "usage", exit_code: 2 } });
});

test("a server that is not AgentHub, or another version of it, is told from one that refuses", async () => {
  const page = await against({ [details]: { raw: "<h1>hello</h1>", headers: { "content-type": "text/html" } } }, ["instance-details", "instance-1"]);
  expect(page).toMatchObject({ code: 6, err: expect.stringContaining("is not AgentHub") });
  const other = await against({ [details]: { body: { id: 1 } } }, ["instance-details", "instance-1"]);
  expect(other).toMatchObject({ code: 1, err: expect.stringContaining("may be of another version") });
  const ran = await against({ "GET /readyz": { body: { status: "ready", version: "9.9.9", checks: {} } } }, ["doctor"]);
  expect(ran.out).toMatch(/version\twarning\tthe server is 9\.9\.9, this is /);
});

test("an empty flag, or a key that none can be, is refused instead of another one being used", async () => {
  for (const flag of ["--server", "--api-key", "--profile"]) {
    const ran = await terminal.run(["instance-list", flag, ""]);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining(`${flag} is empty`) });
  }
  expect(await terminal.run(["instance-list", "--server", "http://127.0.0.1:1", "--api-key", "a\nb"])).toMatchObject({ code: 2, err: expect.stringContaining("no key has") });
});

test("a file that cannot be read is told in words", async () => {
  mkdirSync(join(terminal.dir, "folder"));
  expect((await against({}, ["register-agent", "--config", "nope.yaml"])).err).toBe("error: cannot read nope.yaml: no such file or folder\n");
  expect((await against({}, ["register-agent", "--config", "folder"])).err).toBe("error: cannot read folder: is a folder\n");
  writeFileSync(join(terminal.dir, "list.yaml"), "- a\n");
  expect((await against({}, ["instance-create", "agent-1", "--config", "list.yaml"])).err).toContain("memory_limit");
});

test("a task that failed says why, and its agent's status is in the JSON of a failure", async () => {
  const task = { task_id: "task-1", instance_id: "instance-1", endpoint: "/a", status: "failed", execution_time: 1, cost: 0, created_at: "2026-01-01T00:00:00.000Z", error: { code: "agent-failed", detail: "the agent failed with status 500", upstream_status: 500, upstream_body: { error: "no\nmodel" } } };
  const shown = await against({ "GET /tasks/task-1": { body: task } }, ["task-details", "task-1"]);
  expect(shown).toMatchObject({ code: 1, out: expect.stringContaining("agent-failed: the agent failed with status 500") });
  expect(shown.out).toContain('{"error":"no\\nmodel"}');
  const path = "POST /marketplace/instances/instance-1/execute";
  const ran = await against({ [path]: problem(502, "agent-failed", "The agent failed", { task_id: "task-1", upstream_status: 500, upstream_body: "no\u001b[31m model\n" }) }, ["instance-execute", "instance-1", "--endpoint", "/a", "--json"]);
  expect(JSON.parse(ran.err)).toMatchObject({ error: { task_id: "task-1", upstream_status: 500 } });
});

test("a watch for a status that there is not, or that cannot come any more, ends at once", async () => {
  expect(await terminal.run(["instance-watch", "instance-1", "--until", "bogus"])).toMatchObject({ code: 2, err: expect.stringContaining("Allowed choices") });
  const ran = await against({ [details]: { body: instance("failed") } }, ["instance-watch", "instance-1", "--until", "running"]);
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("will not become running") });
});

test("an audit takes its month by --period, and does not say of an instant that anything was compared", async () => {
  const report = { as_of: "2026-01-01T00:00:00.000Z", agrees: true, events_read: 10, instances: [], totals_micros: {}, differences: [] };
  const ran = await against({ "GET /billing/audit": { body: report } }, ["audit", "--period", "2026-01", "--as-of", "2026-01-01T00:00:00Z"]);
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("nothing was compared") });
  expect(String(server?.requests[0]?.query)).toBe("period=2026-01&as_of=2026-01-01T00%3A00%3A00Z");
  expect((await against({}, ["audit", "--period", "2026-01", "--month", "2026-02"])).code).toBe(2);
});

test("an instance that failed points to what its container said", async () => {
  const ran = await against({ "POST /marketplace/instances": { status: 201, body: instance("failed") } }, ["instance-create", "agent-1"]);
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("agenthub instance-logs instance-1") });
});

test("a command that is run again under its --idempotency-key asks for the same again", async () => {
  const execute = "POST /marketplace/instances/instance-1/execute";
  const done = { task_id: "task-1", instance_id: "instance-1", endpoint: "/a", status: "completed", result: 1, created_at: "2026-01-01T00:00:00.000Z" };
  await against({ [execute]: { body: done } }, ["instance-execute", "instance-1", "--endpoint", "/a", "--idempotency-key", "mine"]);
  expect(server?.requests.map(({ headers }) => headers["idempotency-key"])).toEqual(["mine"]);
  await against({ "POST /marketplace/instances": { status: 201, body: instance("running") } }, ["instance-create", "agent-1", "--idempotency-key", "mine"]);
  expect(server?.requests.map(({ headers }) => headers["idempotency-key"])).toEqual(["mine"]);
});
