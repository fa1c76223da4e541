import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a person pastes into a terminal, in a folder that looks like the checkout and has a data folder of its own. */
export interface Shell {
  /** Runs lines in one bash, which ends at the first that fails. */
  run(lines: readonly string[], env?: Readonly<Record<string, string>>): Promise<{ code: number; out: string }>;
  close(): void;
}

/** Opens a shell beside a data folder. */
export function openShell(dataDir: string): Shell {
  const cwd = mkdtempSync(join(tmpdir(), "agenthub-tour-"));
  for (const name of ["bin", "examples", "docs"]) symlinkSync(join(root, name), join(cwd, name));
  symlinkSync(dataDir, join(cwd, "data"));
  return {
    async run(lines, env = {}) {
      const path = dirname(process.execPath) + delimiter + (process.env["PATH"] ?? "");
      const child = spawn("bash", ["-c", ["set -eo pipefail", "exec 2>&1", ...lines].join("\n")], { cwd, env: { PATH: path, HOME: cwd, ...env }, stdio: ["ignore", "pipe", "ignore"] });
      const code = new Promise<number>((resolve) => { child.once("close", (status) => resolve(status ?? -1)); });
      const out = await text(child.stdout);
      return { code: await code, out };
    },
    close: () => rmSync(cwd, { recursive: true, force: true }),
  };
}

/** The lines of every bash block below a heading of a Markdown text, down to the next heading of its rank. */
export function blocksBelow(markdown: string, heading: string): string[][] {
  const section = new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, "m").exec(markdown)?.[1] ?? "";
  return [...section.matchAll(/^```bash\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block.split("\n").filter((line) => line.trim() !== ""));
}

/** Whether a program is on this machine. */
export const installed = (program: string): boolean => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
