import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const root = fileURLToPath(new URL("../..", import.meta.url));
// As deep below the root as dist/js, and nobody else's.
const built = join(root, ".cache", "packed");
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "agenthub-package-"));
  writeFileSync(join(dir, "agenthub.mjs"), `import { main } from ${JSON.stringify(pathToFileURL(join(built, "cli.js")).href)};\nawait main();\n`);
  const { status, stderr } = spawnSync(process.execPath, ["scripts/pack.mjs", built], { cwd: root, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
  rmSync(built, { recursive: true, force: true });
});

function agenthub(...argv: string[]) {
  const { AGENTHUB_SERVER: _, AGENTHUB_API_KEY: __, ...env } = process.env;
  return spawnSync(process.execPath, [join(dir, "agenthub.mjs"), ...argv], {
    cwd: dir, encoding: "utf8",
    env: { ...env, HOME: dir, XDG_CONFIG_HOME: dir, PORT: "1", AGENTHUB_DATA_DIR: join(dir, "data"), AGENTHUB_DOCKER: "off" },
  });
}

test("the built package knows its version", () => {
  expect(agenthub("--version")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test("the built package holds the whole application: it starts it, worker and all, to open an account", () => {
  const { status, stdout, stderr } = agenthub("account-create", "--name", "acme", "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ name: "acme", roles: ["customer"], api_key: expect.stringMatching(/^ah_/) });
  expect(existsSync(join(dir, "data", "credentials.json"))).toBe(true);
});
