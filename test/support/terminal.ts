import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Application } from "#cli/application.ts";
import type { Io } from "#cli/io.ts";
import { run } from "#cli/main.ts";

/** How the terminal of a test differs from a script's: nothing is a terminal, the environment is empty. */
export interface TerminalOptions {
  readonly env?: Record<string, string>;
  readonly terminal?: { input?: boolean; output?: boolean; errors?: boolean };
  readonly input?: string;
  readonly answers?: string[];
  readonly signal?: AbortSignal;
}

/** What a command line said and how it ended. */
export interface Ran { readonly code: number; readonly out: string; readonly err: string }

/** A folder of its own to run command lines in. */
export interface Terminal {
  readonly dir: string;
  readonly questions: string[];
  run(argv: readonly string[], options?: TerminalOptions): Promise<Ran>;
  close(): void;
}

const noApplication: Application = {
  start: () => Promise.reject(new Error("this test has no application")),
  serve: () => Promise.reject(new Error("this test has no application")),
  restore: () => Promise.reject(new Error("this test has no application")),
  import: () => Promise.reject(new Error("this test has no application")),
};

/** A terminal in an empty folder; port 1 stands for "no server runs here". */
export function openTerminal(application: Application = noApplication): Terminal {
  const dir = mkdtempSync(join(tmpdir(), "agenthub-cli-"));
  const questions: string[] = [];
  return {
    dir, questions,
    async run(argv, { env = {}, terminal = {}, input = "", answers = [], signal = new AbortController().signal } = {}) {
      let [out, err] = ["", ""];
      const io: Io = {
        env: { PORT: "1", ...env }, cwd: dir, home: dir, signal,
        terminal: { input: false, output: false, errors: false, columns: 100, ...terminal },
        write: (text) => { out += text; },
        writeError: (text) => { err += text; },
        readInput: () => Promise.resolve(input),
        ask: (question) => { questions.push(question); return Promise.resolve(answers.shift() ?? ""); },
      };
      const code = await run(argv, io, application);
      return { code, out, err };
    },
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}
