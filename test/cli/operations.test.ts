import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type StubRoutes, type StubServer, stubServer } from "#test/support/stub-server.ts";
import { openTerminal, type Ran, type Terminal } from "#test/support/terminal.ts";

let terminal: Terminal;
let server: StubServer | undefined;
beforeEach(() => { terminal = openTerminal(); });
afterEach(async () => { terminal.close(); await server?.close(); server = undefined; });

async function against(routes: StubRoutes, ...argv: string[]): Promise<Ran> {
  await server?.close();
  server = await stubServer(routes);
  return terminal.run([...argv, "--server", server.url, "--api-key", "ah_test"]);
}
const asked = () => server?.requests.map(({ method, path }) => `${method} ${path}`);

test("read models are listed with their progress, built anew, switched back and dropped", async () => {
  const tasks = {
    name: "tasks", version: 1, status: "rebuilding", position: "0042", parked: 3, collection: "tasks__v1", previous: "tasks__v1_1",
    detail: "readers use version 1 until version 2 has caught up", progress: { collection: "tasks__v1_2", events: 100, events_per_second: 50, percent: 12.5, seconds_left: 14 },
  };
  const listed = await against({ "GET /admin/projections": { body: { projections: [tasks], head: "0042", store_id: "s", next_cursor: null } } }, "projections", "list");
  expect(listed).toMatchObject({ code: 0, out: expect.stringContaining("tasks\t1\trebuilding\t12.5%, 50 events/s, 14 s left\t3\ttasks__v1_1\t0042\ttasks__v1\treaders use version 1 until") });
  const taken = { status: 202, body: { name: "tasks", message: "as you say" } };
  expect(await against({ "POST /admin/projections/tasks/rebuild": taken }, "projections", "rebuild", "tasks")).toMatchObject({ code: 0 });
  expect(await against({ "POST /admin/projections/tasks/switch": taken }, "projections", "switch", "tasks")).toMatchObject({ code: 0, out: expect.stringContaining("as you say") });
  expect(await against({ "DELETE /admin/projections/tasks/previous": { body: { name: "tasks", dropped: "tasks__v1_1" } } }, "projections", "drop", "tasks"))
    .toMatchObject({ code: 0, out: "tasks__v1_1 is removed\n" });
});

test("parked events are listed with their reasons, and replayed", async () => {
  const parked = { projection: "*", position: "0001", stream: "account-1", revision: 0, type: "Unheard", event_id: "e", reason: "no event type" };
  const listed = await against({ "GET /admin/projections/parked": { body: { parked: [parked], next_cursor: null } } }, "projections", "parked");
  expect(listed).toMatchObject({ code: 0, out: expect.stringContaining("all\taccount-1\t0\tUnheard\tno event type") });
  expect(await against({ "POST /admin/projections/replay": { status: 202, body: { projections: ["tasks", "agents"] } } }, "projections", "replay"))
    .toMatchObject({ code: 0, out: expect.stringContaining("tasks, agents") });
  expect(asked()).toEqual(["POST /admin/projections/replay"]);
});

test("a backup is moved where it is wanted, and no folder that a server merely names", async () => {
  const made = join(terminal.dir, "made");
  const manifest = { format: "agenthub-backup", version: 1, product: "0.1.0", created_at: "2026-11-01T00:00:00.000Z", store_id: "s", files: {} };
  const routes = { "POST /admin/backup": { status: 201, body: { ...manifest, directory: made } } };
  mkdirSync(made);
  expect(await against(routes, "backup", "wanted")).toMatchObject({ code: 1, err: expect.stringContaining("on the server's machine") });
  expect(existsSync(made)).toBe(true);
  writeFileSync(join(made, "manifest.json"), JSON.stringify(manifest));
  expect(await against(routes, "backup", "wanted")).toMatchObject({ code: 0, out: expect.stringContaining(join(terminal.dir, "wanted")) });
  expect([existsSync(made), existsSync(join(terminal.dir, "wanted", "manifest.json"))]).toEqual([false, true]);
  expect(await against(routes, "backup", "wanted")).toMatchObject({ code: 5 });
});

const line = JSON.stringify({ format: "agenthub-export", version: 1 });

test("an export that breaks off is a failure and leaves no file", async () => {
  const ran = await against({ "GET /admin/export": { raw: `${line}\n`, headers: { "content-type": "application/x-ndjson" } } }, "export", "--output", "all.jsonl");
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("broke off") });
  for (const name of ["all.jsonl", "all.jsonl.part"]) expect(existsSync(join(terminal.dir, name))).toBe(false);
});
