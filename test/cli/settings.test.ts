import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type StubServer, stubServer } from "#test/support/stub-server.ts";
import { openTerminal, type Terminal } from "#test/support/terminal.ts";

let terminal: Terminal;
let server: StubServer;
beforeEach(async () => {
  terminal = openTerminal();
  const page = { body: { instances: [], agents: [], accounts: [], next_cursor: null } };
  server = await stubServer({
    "GET /marketplace/instances": page, "GET /agents": page, "GET /admin/accounts": page,
    "GET /account": { body: { account_id: "account-1", name: "acme", roles: ["customer"], currency: "USD" } },
  });
});
afterEach(async () => { terminal.close(); await server.close(); });

const keys = () => server.requests.filter(({ path }) => path !== "/livez").map(({ headers }) => headers["authorization"]);

function credentials(content: Record<string, string>): void {
  mkdirSync(join(terminal.dir, "data"), { recursive: true });
  writeFileSync(join(terminal.dir, "data", "credentials.json"), JSON.stringify(content));
}

test("a flag beats the environment, the environment beats the profile, the profile beats the data folder", async () => {
  credentials({ admin_key: "k-admin", customer_key: "k-folder" });
  const list = (argv: string[], env: Record<string, string> = {}) => terminal.run(["instance-list", ...argv], { env });
  await list(["--server", server.url]);
  expect((await terminal.run(["login", "--server", server.url, "--api-key", "k-profile"])).code).toBe(0);
  await list([]);
  await list([], { AGENTHUB_API_KEY: "k-env" });
  await list(["--api-key", "k-flag"], { AGENTHUB_API_KEY: "k-env" });
  await list(["--profile", "default"], { AGENTHUB_API_KEY: "k-env" });
  expect(keys()).toEqual(["k-folder", "k-profile", "k-profile", "k-env", "k-flag", "k-profile"].map((key) => `Bearer ${key}`));
});

test("--server-url is another name of --server, and AGENTHUB_SERVER names it too", async () => {
  expect((await terminal.run(["instance-list", "--server-url", server.url, "--api-key", "k"])).code).toBe(0);
  expect((await terminal.run(["instance-list"], { env: { AGENTHUB_SERVER: server.url, AGENTHUB_API_KEY: "k" } })).code).toBe(0);
  expect(keys()).toHaveLength(2);
});

test("a command takes the generated key that fits its role", async () => {
  credentials({ admin_key: "k-admin", customer_key: "k-customer", publisher_key: "k-publisher" });
  for (const verb of ["instance-list", "agent-list", "account-list"]) await terminal.run([verb, "--server", server.url]);
  expect(keys()).toEqual(["Bearer k-customer", "Bearer k-publisher", "Bearer k-admin"]);
});

test("a profile's key is never sent to another server that a flag names", async () => {
  await terminal.run(["login", "--server", "http://127.0.0.1:1", "--api-key", "k"]);
  await terminal.run(["login", "--server", server.url, "--api-key", "k-secret"]);
  const other = await stubServer({ "GET /marketplace/instances": { body: { instances: [], next_cursor: null } } });
  await terminal.run(["instance-list", "--server", other.url]);
  await other.close();
  expect(other.requests.map(({ headers }) => headers["authorization"])).toEqual([undefined]);
});

test("the data folder's server is found without being named", async () => {
  credentials({ admin_key: "k-admin", server: server.url });
  expect((await terminal.run(["instance-list"])).code).toBe(0);
  expect(keys()).toEqual(["Bearer k-admin"]);
});

test("login asks the server first and keeps the key readable by its owner alone; logout forgets it", async () => {
  const made = await terminal.run(["login", "--profile", "work", "--server", server.url, "--api-key", "-"], { input: "k-piped\n" });
  expect(made).toMatchObject({ code: 0, out: expect.stringContaining("acme") });
  expect(keys()).toEqual(["Bearer k-piped"]);
  const mode = statSync(join(terminal.dir, ".config", "agenthub", "config.json")).mode & 0o777;
  expect(process.platform === "win32" ? 0o600 : mode).toBe(0o600);
  const { profiles } = JSON.parse((await terminal.run(["profiles", "--json"])).out) as { profiles: unknown[] };
  expect(profiles).toEqual([{ name: "work", server: server.url, current: true, key_hint: "k-pipe…" }]);
  expect((await terminal.run(["logout"])).code).toBe(0);
  expect(JSON.parse((await terminal.run(["profiles", "--json"])).out)).toEqual({ profiles: [] });
});

test("a profile that does not exist is a usage error that names the way out", async () => {
  const ran = await terminal.run(["instance-list", "--profile", "nope"]);
  expect(ran).toMatchObject({ code: 2, out: "" });
  expect(ran.err).toContain("agenthub login --profile nope");
});

test("a server address that is none is a usage error", async () => {
  expect((await terminal.run(["instance-list", "--server", "ftp://x"])).code).toBe(2);
});
