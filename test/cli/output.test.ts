import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Application, Environment } from "#cli/application.ts";
import { type StubServer, stubServer } from "#test/support/stub-server.ts";
import { openTerminal, type Terminal } from "#test/support/terminal.ts";
import { agent, instance } from "./samples.ts";

let server: StubServer;
let terminal: Terminal;
let events: string[];
let settings: Environment | undefined;

// Stands for the application: it "starts" by pointing at the stub.
const application: Application = {
  start: (given) => {
    settings = given;
    events.push("start");
    return Promise.resolve({ url: server.url, credentials: { admin_key: "k-admin", customer_key: "k-customer", publisher_key: "k-publisher" }, close: () => { events.push("close"); return Promise.resolve(); } });
  },
  restore: () => Promise.reject(new Error("nothing to restore")),
  import: () => Promise.reject(new Error("nothing to import into")),
  serve: (given) => { settings = given; return Promise.resolve(0); },
};

beforeEach(async () => {
  events = [];
  settings = undefined;
  terminal = openTerminal(application);
  server = await stubServer({
    "GET /marketplace/instances": { raw: JSON.stringify({ instances: [instance("running")], next_cursor: null }).replace("15.75", "15.750000") },
    "GET /marketplace/agents": { body: { agents: [{ ...agent, name: "evil\u001b[31m\tname\u202e" }], next_cursor: null } },
    "GET /api-keys": { body: { api_keys: [{ key_id: "key-1" }, { key_id: "key-2" }], next_cursor: null } },
    "POST /admin/accounts": { status: 201, body: { account_id: "account-2", name: "acme", roles: ["customer"], currency: "USD", api_key: "ah_once" } },
  });
});
afterEach(async () => { terminal.close(); await server.close(); });

const list = (options = {}) => terminal.run(["instance-list", "--server", server.url, "--api-key", "k"], options);

test("off a terminal a list is tab-separated and without colour; amounts keep their digits", async () => {
  const { out } = await list();
  const [head, row, ...rest] = out.split("\n");
  expect(head?.split("\t")[0]).toBe("INSTANCE");
  expect(row?.split("\t")).toEqual(["instance-1", "sentiment 1.0.0", "running", "yes", "1 h 1 min", "3", "15.750000 USD", "2026-01-01T00:00:00Z"]);
  expect(rest).toEqual([""]);
});

test("on a terminal a list is aligned and coloured, unless NO_COLOR is set", async () => {
  const coloured = await list({ terminal: { output: true } });
  expect(coloured.out).toContain("\u001b[32mrunning\u001b[39m");
  const plain = await list({ terminal: { output: true }, env: { NO_COLOR: "1" } });
  expect(plain.out).not.toContain("\u001b");
  const [head = "", row = ""] = plain.out.split("\n");
  expect(row.indexOf("running")).toBe(head.indexOf("STATUS"));
});

test("--json prints the answer as it came, every digit of it", async () => {
  const { out } = await terminal.run(["--json", "instance-list", "--server", server.url, "--api-key", "k"], { terminal: { output: true } });
  expect(out).toContain('"total_cost": 15.750000');
  expect(JSON.parse(out)).toMatchObject({ instances: [{ instance_id: "instance-1" }], next_cursor: null });
});

test("what others named cannot steer the terminal", async () => {
  const { out } = await terminal.run(["marketplace-discover", "--server", server.url, "--api-key", "k"]);
  expect(out).toContain("evil [31m name ");
  expect(out).not.toMatch(/[\u001b\u202e]/);
});

test("with no server named and none there, a command that writes starts the application over the data folder and stops it", async () => {
  const ran = await terminal.run(["account-create", "--name", "acme"]);
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("ah_once") });
  expect(events).toEqual(["start", "close"]);
  expect(settings).toMatchObject({ HOST: "127.0.0.1", PORT: "0", AGENTHUB_DATA_DIR: join(terminal.dir, "data") });
  expect(server.requests.map(({ headers }) => headers["authorization"])).toEqual(["Bearer k-admin"]);
});

test("a started application is stopped when the command fails, too, and reading needs a data folder that is there", async () => {
  mkdirSync(join(terminal.dir, "data"));
  expect((await terminal.run(["instance-details", "instance-404"])).code).toBe(3);
  expect(events).toEqual(["start", "close"]);
});

test("serve passes every flag on as the setting that it stands for, over the environment", async () => {
  const ran = await terminal.run(["serve", "--port", "9000", "--docker", "off", "--monitor-interval", "5s"], { env: { PORT: "1", HOST: "0.0.0.0" } });
  expect(ran.code).toBe(0);
  expect(settings).toEqual({ PORT: "9000", HOST: "0.0.0.0", AGENTHUB_DOCKER: "off", AGENTHUB_MONITOR_INTERVAL: "5s" });
});

test.each(["bash", "zsh", "fish"])("completion prints a script for %s that asks the CLI itself", async (shell) => {
  const { code, out } = await terminal.run(["completion", shell]);
  expect(code).toBe(0);
  expect(out).toContain("agenthub __complete");
});

test("completion knows commands, flags, choices and live ids", async () => {
  const env = { AGENTHUB_SERVER: server.url, AGENTHUB_API_KEY: "k" };
  const complete = async (...words: string[]) => (await terminal.run(["__complete", ...words], { env })).out.split("\n").filter(Boolean);
  expect(await complete("instance-p")).toEqual(["instance-pause"]);
  expect(await complete("")).toContain("serve");
  expect(await complete("")).not.toContain("__complete");
  expect(await complete("instance-terminate", "--c")).toEqual(["--confirm"]);
  expect(await complete("marketplace-discover", "--sort", "p")).toEqual(["popularity", "price"]);
  expect(await complete("api-keys", "")).toEqual(["list", "create", "revoke"]);
  expect(await complete("api-keys", "revoke", "")).toEqual(["key-1", "key-2"]);
  expect(await complete("instance-details", "inst")).toEqual(["instance-1"]);
  expect(await complete("instance-create", "")).toEqual(["agent-1"]);
  expect(await complete("instance-details", "instance-1", "")).toEqual([]);
});

test("completion is silent where no server answers", async () => {
  const ran = await terminal.run(["__complete", "instance-details", ""], { env: { AGENTHUB_SERVER: "http://127.0.0.1:1" } });
  expect(ran).toEqual({ code: 0, out: "", err: "" });
});

test("doctor names what is wrong and fails, in JSON too", async () => {
  const ran = await terminal.run(["doctor", "--json", "--server", server.url]);
  expect(ran.code).toBe(1);
  const { findings } = JSON.parse(ran.out) as { findings: { check: string; result: string }[] };
  expect(findings.map(({ check, result }) => [check, result])).toEqual([
    ["Node", "ok"], ["settings", "ok"], ["data folder", "ok"], ["server", "ok"], ["stores", "failed"], ["API key", "failed"],
  ]);
});

test("an interrupt ends a command with code 130 and one line", async () => {
  const signal = AbortSignal.abort();
  const ran = await terminal.run(["instance-list", "--server", server.url], { signal });
  expect(ran).toMatchObject({ code: 130, err: "error: Interrupted\n" });
});
