import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Command } from "commander";
import { program } from "#cli/main.ts";
import { openTerminal, type Terminal } from "#test/support/terminal.ts";

const io = {
  env: {}, cwd: ".", home: ".", signal: new AbortController().signal, terminal: { input: false, output: false, errors: false, columns: 100 },
  write: () => undefined, writeError: () => undefined, readInput: () => Promise.resolve(""), ask: () => Promise.resolve(""),
};
const named = (command: Command, before: readonly string[] = []): string[][] => command.commands.filter((one) => one.name() !== "__complete")
  .flatMap((one) => [[...before, one.name()], ...named(one, [...before, one.name()])]);
const commands = named(program(io).program);

let terminal: Terminal;
beforeAll(() => { terminal = openTerminal(); });
afterAll(() => terminal.close());

// Every command and flag that the functional specification writes down.
const specified: readonly (readonly [string, ...string[]])[] = [
  ["register-agent", "--config"], ["register-docker-agent", "--config", "--docker-image", "--registry-user", "--registry-pass"],
  ["marketplace-discover", "--category", "--limit"], ["instance-create", "--config"], ["instance-list"], ["instance-details"], ["instance-pause"],
  ["instance-resume"], ["instance-terminate", "--confirm"], ["dashboard"], ["example-config", "--docker", "--output"], ["serve", "--port"],
];

describe("help", () => {
  test.each(commands.map((path) => [path.join(" "), path] as const))("of %s teaches: a usage line, an example, the flags of every command", async (name, path) => {
    const { code, out, err } = await terminal.run([...path, "--help"]);
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toContain(`Usage: agenthub ${name}`);
    expect(out).toMatch(/\nExamples?:\n.*agenthub/);
    for (const flag of ["--json", "--server", "--api-key", "--profile"]) expect(out).toContain(flag);
  });

  test.each(specified)("knows %s with the flags that the specification gives it", async (verb, ...flags) => {
    const { out } = await terminal.run([verb, "--help"]);
    for (const flag of flags) expect(out).toContain(flag);
  });

  test("of the whole names every exit code", async () => {
    const { out } = await terminal.run(["--help"]);
    for (const code of [0, 1, 2, 3, 4, 5, 6]) expect(out).toMatch(new RegExp(`^  ${code}  \\w`, "m"));
    expect((await terminal.run([])).out).toContain("Usage: agenthub");
  });
});

test("the version is the package's", async () => {
  expect(await terminal.run(["--version"])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
});

test.each([
  [["no-such-verb"], "unknown command"], [["instance-list", "--nope"], "unknown option"], [["instance-details"], "missing required argument"],
  [["instance-list", "--limit", "0"], "whole number from 1 to 100"], [["register-agent"], "--config"], [["instance-details", "a", "b"], "too many arguments"],
  [["instance-create", "agent-1", "--env", "NOVALUE"], "NAME=VALUE"], [["marketplace-discover", "--sort", "best"], "Allowed choices"],
])("%p is a usage error, in words and as JSON", async (argv, words) => {
  const plain = await terminal.run(argv);
  expect(plain).toMatchObject({ code: 2, out: "" });
  expect(plain.err).toContain(words);
  expect(plain.err).toContain("hint:");
  const { error } = JSON.parse((await terminal.run([...argv, "--json"])).err) as { error: { type: string; exit_code: number } };
  expect(error).toMatchObject({ type: "usage", exit_code: 2 });
});
