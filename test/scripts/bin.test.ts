import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

test("in a checkout where nothing is installed the command says how to do it", () => {
  const dir = mkdtempSync(join(tmpdir(), "agenthub-bare-"));
  try {
    cpSync("bin", join(dir, "bin"), { recursive: true });
    mkdirSync(join(dir, "src", "cli"), { recursive: true });
    writeFileSync(join(dir, "src", "cli", "main.ts"), "");
    let said = "";
    try {
      execFileSync(process.execPath, [join(dir, "bin", "agenthub.mjs"), "doctor"], { encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      said = String((error as { stderr?: unknown }).stderr);
    }
    expect(said).toBe("agenthub: nothing is installed here yet; `npm start` does it and starts the marketplace\n");
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
