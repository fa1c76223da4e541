import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { usageError } from "./exit.ts";
import type { Io } from "./io.ts";

/** A server and a key to use there, under a name. */
export interface Profile { readonly server: string; readonly api_key?: string }

/** The user's profiles. */
export interface ConfigFile { readonly current?: string; readonly profiles: Readonly<Record<string, Profile>> }

/** Where the user's profiles are kept. */
export function configPath({ env, home }: Io): string {
  return join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "agenthub", "config.json");
}

/** Reads the profiles; none when there is no file. */
export function readConfigFile(io: Io): ConfigFile {
  const path = configPath(io);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { profiles: {} };
    throw usageError(`cannot read ${path}: ${(error as Error).message}`, "Mend or remove the file.");
  }
  try {
    const parsed = JSON.parse(text) as ConfigFile;
    return { ...parsed, profiles: parsed.profiles ?? {} };
  } catch {
    throw usageError(`${path} holds no valid JSON`, "Mend or remove the file, then run `agenthub login`.");
  }
}

/** Writes the profiles, readable by their owner alone. */
export function writeConfigFile(io: Io, config: ConfigFile): void {
  const path = configPath(io);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path); // whole or not at all
}
