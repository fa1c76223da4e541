import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { load, YAMLException } from "js-yaml";
import { CliError, exitCodes, usageError } from "./exit.ts";
import { fileWords } from "./file-words.ts";
import type { Io } from "./io.ts";

const mostBytes = 64 * 1024;

async function content(io: Io, path: string): Promise<string> {
  if (path === "-") {
    const text = await io.readInput();
    if (Buffer.byteLength(text) > mostBytes) throw usageError("standard input holds more than 64 KB");
    return text;
  }
  const file = resolve(io.cwd, path);
  try {
    if (statSync(file).size > mostBytes) throw usageError(`${path} is larger than 64 KB`);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CliError(exitCodes.usage, `cannot read ${path === "" ? "a file without a name" : path}: ${fileWords[code ?? ""] ?? message}`, { cause: error });
  }
}

/** Reads a YAML or JSON file that holds an object; `-` reads standard input. Aliases and deep nesting are refused. `hint`: what it should look like. */
export async function readObjectFile(io: Io, path: string, hint?: string): Promise<Record<string, unknown>> {
  const text = await content(io, path);
  let value: unknown;
  try {
    value = load(text, { filename: path, maxDepth: 32, maxAliases: 0 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { mark, reason } = error as { mark?: { line: number; column: number }; reason?: string };
    const place = mark === undefined ? "" : ` (line ${mark.line + 1}, column ${mark.column + 1})`;
    throw new CliError(exitCodes.usage, `${path} is not valid YAML${place}: ${reason ?? error.message}`, { hint, cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw usageError(`${path} must hold names and values`, hint);
  return value as Record<string, unknown>;
}
