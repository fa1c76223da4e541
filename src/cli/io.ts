import { homedir } from "node:os";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";

/** Everything that a command may touch outside itself, so that a test can be its terminal. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly terminal: { readonly input: boolean; readonly output: boolean; readonly errors: boolean; readonly columns: number };
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  write(text: string): void;
  writeError(text: string): void;
  readInput(): Promise<string>;
  /** Asks on the terminal; what is typed stays invisible when `secret`. */
  ask(question: string, secret?: boolean): Promise<string>;
}

async function ask(question: string, secret: boolean, signal: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const output = secret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await lines.question("", { signal });
  } finally {
    lines.close();
    if (secret) process.stderr.write("\n");
  }
}

/** This process's terminal. */
export function processIo(): Io {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  // `agenthub ... | head` closes our output early; that is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  return {
    env: process.env, cwd: process.cwd(), home: homedir(), signal: interrupt.signal,
    terminal: {
      input: process.stdin.isTTY === true, output: process.stdout.isTTY === true, errors: process.stderr.isTTY === true,
      columns: process.stdout.columns ?? 100,
    },
    write: (words) => { process.stdout.write(words); },
    writeError: (words) => { process.stderr.write(words); },
    readInput: () => text(process.stdin),
    ask: (question, secret = false) => ask(question, secret, interrupt.signal),
  };
}
