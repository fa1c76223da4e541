import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What an executable needs to run in an image that holds nothing else. */
export type Closure = {
  readonly executable: string;
  /** Its shared libraries, to be found by name. */
  readonly libraries: readonly string[];
  /** The dynamic loader, which must keep its path. */
  readonly loaders: readonly string[];
};

/** Reads what `ldd` says of an executable. */
export function parseLdd(output: string): { libraries: string[]; loaders: string[] } {
  const libraries: string[] = [];
  const loaders: string[] = [];
  for (const line of output.split("\n")) {
    const path = /(?:=>\s*)?(\/\S+)\s+\(0x/.exec(line)?.[1];
    if (path === undefined) continue;
    const named = line.trim().split(/\s/)[0] ?? "";
    if (basename(named).startsWith("ld-")) loaders.push(named.startsWith("/") ? named : path);
    else libraries.push(path);
  }
  return { libraries, loaders };
}

/** The closure of a dynamically linked Linux executable. */
export async function closureOf(executable: string): Promise<Closure> {
  const { stdout } = await run("ldd", [executable]);
  return { executable, ...parseLdd(stdout) };
}

/** A hash of an executable's content. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
