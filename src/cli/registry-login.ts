import type { Command } from "commander";
import type { RegistryCredentials } from "#client/types.ts";
import { usageError } from "./exit.ts";
import type { Io } from "./io.ts";

/** The flags of a registry's login. */
export interface RegistryFlags { readonly registryUser?: string; readonly registryPass?: string; readonly registry?: string }

/** Adds the flags of a registry's login. */
export const registryOptions = (command: Command): Command => command
  .option("--registry-user <name>", "user at the image's registry")
  .option("--registry-pass <password>", "its password; `-` reads standard input, AGENTHUB_REGISTRY_PASSWORD is safer than this flag")
  .option("--registry <host>", "the registry, when it is not the image's own");

/** The login that the flags, standard input or the environment give; undefined for none. */
export async function registryLogin(io: Io, flags: RegistryFlags): Promise<RegistryCredentials | undefined> {
  const { registryUser: username, registryPass, registry } = flags;
  if (username === undefined) {
    if (registryPass !== undefined) throw usageError("--registry-pass needs --registry-user");
    return undefined;
  }
  let password = io.env["AGENTHUB_REGISTRY_PASSWORD"] || undefined;
  if (registryPass === "-") password = (await io.readInput()).replace(/\r?\n$/, "");
  else if (registryPass !== undefined) {
    io.writeError("warning: a password on the command line is seen by other users and kept in the shell's history; use AGENTHUB_REGISTRY_PASSWORD or `--registry-pass -`\n");
    password = registryPass;
  } else if (password === undefined && io.terminal.input) password = await io.ask(`Password of ${username}: `, true);
  if (password === undefined || password === "")
    throw usageError("--registry-user needs a password", "Set AGENTHUB_REGISTRY_PASSWORD, or pipe it: `--registry-pass -`.");
  return { username, password, registry };
}
