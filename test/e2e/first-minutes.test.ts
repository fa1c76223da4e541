import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { dockerSuite } from "#test/support/docker.ts";
import { blocksBelow, installed, openShell, type Shell } from "#test/support/shell.ts";
import { containersOf, withDocker } from "#test/support/e2e.ts";
import { startProgram } from "#test/support/processes.ts";
import { type Installation, openInstallation, runs, type ServerProcess } from "#test/support/server-process.ts";

jest.setTimeout(300_000);

/** The commands that `npm start` prints for a person to try. */
const printedCommands = ({ said }: ServerProcess): string[] => said.out.split("\n").flatMap((line) => /(node bin\/agenthub\.mjs .+)$/.exec(line)?.[1] ?? []);

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

describe("The blocks of a Markdown text", () => {
  test("are found below their heading alone, in order", () => {
    const markdown = "# X\n```bash\nno\n```\n## A tour\ntext\n```bash\none\n\ntwo\n```\n### more\n```json\n{}\n```\n```bash\nthree\n```\n## Next\n```bash\nno\n```\n";
    expect(blocksBelow(markdown, "A tour")).toEqual([["one", "two"], ["three"]]);
    expect(blocksBelow(markdown, "Nothing")).toEqual([]);
  });
});

dockerSuite("The first minutes with an engine", () => {
  let installation: Installation;
  let server: ServerProcess;
  let shell: Shell;
  const start = (): Promise<ServerProcess> => installation.start({}, [startProgram]);
  beforeAll(async () => {
    installation = openInstallation(withDocker);
    server = await start();
    shell = openShell(installation.dir);
  });
  beforeEach(async () => { if (!runs(server)) server = await start(); });
  afterAll(async () => {
    shell?.close();
    await installation.close();
  });

  test("show the keys, and register the sample agents once", async () => {
    for (const key of Object.values(server.keys)) expect(server.said.out).toContain(key);
    const agents = async (): Promise<string[]> => (await server.must("GET", "/marketplace/agents")).body.agents.map(({ agent_id, name }: Record<string, string>) => `${agent_id} ${name}`);
    const first = await agents();
    expect(first).toHaveLength(2);
    const keys = { ...server.keys };
    expect(await server.stop()).toBe(0);
    server = await start();
    expect([server.keys, await agents()]).toEqual([keys, first]);
  });

  test("suggest commands that work as they are printed", async () => {
    const commands = printedCommands(server);
    expect(commands.length).toBeGreaterThanOrEqual(5);
    let instance = "";
    for (const command of commands) {
      const { code, out } = await shell.run([command.replace("INSTANCE_ID", instance)]);
      expect({ command, code, out }).toEqual({ command, code: 0, out: expect.any(String) });
      if (command.includes("instance-create")) instance = /instance-[0-9a-f-]{36}/.exec(out)?.[0] ?? "";
      if (command.includes("instance-execute")) expect(out).toMatch(/hello.+world/s);
    }
    await server.must("DELETE", `/marketplace/instances/${instance}`, { headers: { prefer: "wait=120" } });
    expect(await containersOf(instance)).toEqual([]);
  });

  test("go through the tour of the README, pasted line by line", async () => {
    const blocks = blocksBelow(readme, "A tour");
    expect(blocks.length).toBeGreaterThan(0);
    const port = new URL(server.url).port;
    const lines = blocks.flat().filter((line) => !line.startsWith("npm ") && (installed("curl") || !line.startsWith("curl")))
      .map((line) => line.replaceAll(/(localhost|127\.0\.0\.1):8080/g, `127.0.0.1:${port}`));
    const { code, out } = await shell.run(lines, { AGENTHUB_DOCKER: withDocker.AGENTHUB_DOCKER });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/hello.+world/s) });
    const { body } = await server.must("GET", "/billing/audit", { as: "operator" });
    expect({ agrees: body.agrees, differences: body.differences }).toEqual({ agrees: true, differences: [] });
    expect(await server.stop()).toBe(0);
  });
});

describe("The first minutes without an engine", () => {
  let installation: Installation;
  beforeAll(() => { installation = openInstallation(); });
  afterAll(() => installation.close());

  test("say that there is none, and what to do", async () => {
    const server = await installation.start({}, [startProgram]);
    const shell = openShell(installation.dir);
    try {
      expect(server.said.out).toMatch(/No container engine answered/);
      expect((await server.must("GET", "/marketplace/agents")).body.agents).toEqual([]);
      for (const command of printedCommands(server)) expect({ command, ...await shell.run([command]) }).toMatchObject({ command, code: 0 });
      expect(await server.stop()).toBe(0);
    } finally {
      shell.close();
    }
  });
});
