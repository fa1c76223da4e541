import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { start } from "#app/start.ts";
import { type Installation, openInstallation } from "#test/support/server-process.ts";
import { type Child, cliProgram, startChild, startProgram } from "#test/support/processes.ts";
import { until } from "#test/support/until.ts";

jest.setTimeout(240_000);

/** The lines that a process said on standard error, once it has ended. */
async function lastWords(process: Child): Promise<{ code: number | string; lines: string[] }> {
  const code = await process.ended;
  return { code, lines: process.said.errors.split("\n").filter((line) => line !== "") };
}

describe("A server that cannot start says why in one line, and leaves everything as it was", () => {
  let installation: Installation;
  const more: Installation[] = [];
  const another = (settings = {}): Installation => {
    const made = openInstallation(settings);
    more.push(made);
    return made;
  };
  beforeEach(() => { installation = openInstallation(); });
  afterEach(() => installation.close());
  afterAll(async () => { for (const each of more) await each.close(); });

  test("because its data folder is in use; the server that uses it goes on", async () => {
    const server = await installation.start();
    for (const args of [[cliProgram, "serve"], [startProgram]]) {
      const { code, lines } = await lastWords(installation.launch({}, args));
      expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/^agenthub: another AgentHub uses .+; stop it first, or choose another data directory$/)] });
      expect(lines[0]).toContain(installation.dir);
    }
    await server.must("POST", "/admin/accounts", { as: "operator", body: { name: "still here", roles: ["customer"] } });
    expect(await server.stop()).toBe(0);
    const next = await installation.start();
    expect((await next.must("GET", "/admin/accounts?limit=100", { as: "operator" })).body.accounts.map(({ name }: { name: string }) => name)).toContain("still here");
  });

  test("because its port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { code, lines } = await lastWords(installation.launch({ PORT: String(port) }));
    expect({ code, lines }).toEqual({ code: 1, lines: [`agenthub: port ${port} on 127.0.0.1 is in use; choose another with PORT or --port`] });
    other.close();
    const server = await installation.start();
    expect((await server.call("GET", "/readyz")).status).toBe(200);
  });

  test("because its host is none of this machine", async () => {
    const { code, lines } = await lastWords(installation.launch({ HOST: "192.0.2.1" }));
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/^agenthub: HOST: 192\.0\.2\.1 is none of this machine/)] });
  });

  test("because of an option that there is not", async () => {
    const { code, lines } = await lastWords(startChild([cliProgram, "serve", "--prot", "8080"]));
    expect(code).toBe(2);
    expect(lines[0]).toMatch(/unknown option '--prot'/);
    expect(lines).toContain("(Did you mean --port?)");
  });

  test.each([
    ["AGENTHUB_MONITOR_INTERVAL", "soon", /^agenthub: AGENTHUB_MONITOR_INTERVAL: must be a duration such as 30s, not "soon"$/],
    ["AGENTHUB_DATA_DIR", "/dev/null/data", /^agenthub: AGENTHUB_DATA_DIR: \/dev\/null\/data cannot be made/],
    // Linux's /proc takes no folders, and says so in a way that a recursive mkdir does not understand.
    ...(process.platform === "linux" ? [["AGENTHUB_DATA_DIR", "/proc/data", /^agenthub: AGENTHUB_DATA_DIR: \/proc\/data cannot be made/] as const] : []),
    ["AGENTHUB_ALLOWED_ENDPOINTS", "10.0.0.0/99", /^agenthub: AGENTHUB_ALLOWED_ENDPOINTS: not a host/],
    ["AGENTHUB_DOCKER", "tcp://localhost:123456", /^agenthub: AGENTHUB_DOCKER: must be auto, off, or an engine's address .+, not "tcp:\/\/localhost:123456"$/],
  ])("because %s is %s", async (name, value, words) => {
    const { code, lines } = await lastWords(installation.launch({ [name]: value }));
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(words)] });
  });

  test.each([
    ["PORT", "eighty", /^PORT: /],
    ["AGENTHUB_EVENT_STORE", "postgres://localhost/x", /^AGENTHUB_EVENT_STORE: must be sqlite: or esdb:/],
    ["AGENTHUB_READ_MODELS", "redis://localhost", /^AGENTHUB_READ_MODELS: must be sqlite: or mongodb:/],
    ["AGENTHUB_ROLES", "boss", /^AGENTHUB_ROLES: /],
    ["AGENTHUB_ADMIN_KEY", "secret", /^AGENTHUB_ADMIN_KEY: is no key of ours/],
    ["AGENTHUB_SECRET_KEY", "short", /^AGENTHUB_SECRET_KEY: /],
    ["AGENTHUB_DOCKER", "nonsense://x y", /^AGENTHUB_DOCKER: must be auto, off, or/],
  ])("because %s is %s, as it says within one process too", async (name, value, words) => {
    await expect(start({ AGENTHUB_DATA_DIR: installation.dir, PORT: "0", AGENTHUB_DOCKER: "off", AGENTHUB_LOG_LEVEL: "silent", [name]: value })).rejects.toThrow(words);
  });

  test("because its master key is another one than the stored secrets were sealed with", async () => {
    const server = await installation.start();
    expect(await server.stop()).toBe(0);
    const { code, lines } = await lastWords(installation.launch({ AGENTHUB_SECRET_KEY: "ab".repeat(32) }));
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/^agenthub: AGENTHUB_SECRET_KEY: is not the key/)] });
    expect((await (await installation.start()).call("GET", "/readyz")).status).toBe(200);
  });

  test("because its credentials or its database were damaged", async () => {
    const server = await installation.start();
    expect(await server.stop()).toBe(0);
    const damaged = another();
    writeFileSync(join(damaged.dir, "credentials.json"), "{");
    const broken = another();
    writeFileSync(join(broken.dir, "events.db"), "this is no database, but long enough to look like something".repeat(50));
    for (const each of [damaged, broken]) {
      const { code, lines } = await lastWords(each.launch());
      expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/^agenthub: .+/)] });
      expect(lines[0]).not.toMatch(/\bat .+:\d+:\d+/);
    }
  });
});

describe("A server whose container engine is away", () => {
  let installation: Installation;
  beforeEach(() => { installation = openInstallation(); });
  afterEach(() => installation.close());

  const socket = (): string => join(installation.dir, "engine.sock");

  /** Something that answers as an engine does to whoever asks for its health. */
  async function engineAt(path: string): Promise<Server> {
    const engine = createServer((_request, response) => { response.writeHead(200, { "api-version": "1.47", "content-type": "application/json" }).end("{}"); });
    engine.listen(path);
    await once(engine, "listening");
    return engine;
  }

  test("does not start where none ever answered: the address may be wrong", async () => {
    const { code, lines } = await lastWords(installation.launch({ AGENTHUB_DOCKER: "unix:///nowhere/docker.sock" }));
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/^agenthub: AGENTHUB_DOCKER: no container engine answers at unix:\/\/\/nowhere\/docker\.sock; start it, or set another address, auto or off$/)] });
  });

  test.each([
    ["by its address", (address: string) => ({ AGENTHUB_DOCKER: address })],
    ["as that of this machine", (address: string) => ({ AGENTHUB_DOCKER: "auto", DOCKER_HOST: address })],
  ])("says so in one line where one did that was known %s, serves all the same, and refuses docker agents in words", async (_, settingsFor) => {
    const settings = settingsFor(`unix://${socket()}`);
    const told = / does not answer; its instances wait for it/;
    const engine = await engineAt(socket());
    expect(await (await installation.start(settings)).stop()).toBe(0);
    engine.closeAllConnections();
    engine.close();
    await once(engine, "close");
    const server = await installation.start(settings);
    await until(() => told.test(server.said.errors));
    // The first round of maintenance raises its alert in the same words, at any moment.
    expect(server.said.errors.split("\n").filter((line) => told.test(line) && !line.includes('"alert"'))).toHaveLength(1);
    expect((await server.call("GET", "/readyz")).status).toBe(200);
    const refused = await server.call("POST", "/agents/register-docker", { as: "publisher", body: { docker_image: "some/agent:1", metadata: { name: "away", version: "1.0.0" } } });
    expect([refused.status, refused.body.type]).toEqual([503, expect.stringMatching(/runtime-unavailable$/)]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await server.must("GET", "/admin/engines", { as: "operator" })).body.engines).toMatchObject([{ name: "docker", ok: false }]);
    expect(await server.stop()).toBe(0);
  });

  test("warns of a misspelt setting and starts", async () => {
    const server = await installation.start({ AGENTHUB_MONITOR_INTERVALL: "5s" });
    // Two pipes: what was written to one first may come through it last.
    await until(() => server.said.errors.includes("\n"));
    expect(server.said.errors).toMatch(/^agenthub: AGENTHUB_MONITOR_INTERVALL is no setting of AgentHub and does nothing/);
    expect(await server.stop()).toBe(0);
  });
});
