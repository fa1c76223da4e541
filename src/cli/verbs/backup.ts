import { cpSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Verb } from "../cli.ts";
import { CliError, exitCodes } from "../exit.ts";
import { dataDir } from "../settings.ts";

// Another disk may be on the way: then it is copied.
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    cpSync(from, to, { recursive: true, errorOnExist: true, force: false });
    rmSync(from, { recursive: true });
  }
}

/** Whether a folder is the backup that the server tells of: one elsewhere may name any folder of this machine. */
function isBackup(directory: string, { store_id, created_at }: { readonly store_id: string; readonly created_at: string }): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8")) as Record<string, unknown>;
    return manifest["format"] === "agenthub-backup" && manifest["store_id"] === store_id && manifest["created_at"] === created_at;
  } catch {
    return false;
  }
}

/** `agenthub backup`: a copy of the embedded stores, made by the server that uses them. */
export const backup: Verb = (cli) => {
  cli.verb("backup", "Copy the embedded stores while the server runs; the copy holds every secret", ["agenthub backup", "agenthub backup /backups/monday"])
    .argument("[directory]", "a new folder on the server's machine (default: backups/ in the data folder)")
    .action(cli.as("operator", async ({ client, io, out, wait }, directory = "") => {
      const target = directory === "" ? undefined : resolve(io.cwd, directory);
      if (target !== undefined && existsSync(target)) throw new CliError(exitCodes.conflict, `${directory} exists`, { hint: "Name a new folder." });
      const made = await wait("Making the backup", () => client.backup());
      const own = resolve(io.cwd, made.directory);
      if (target !== undefined && !isBackup(own, made))
        throw new CliError(exitCodes.failed, `the backup is on the server's machine, at ${own}`, { hint: "Copy it from there; a server writes into its own data folder alone." });
      if (target !== undefined) move(own, target);
      out.show({ ...made, directory: target ?? own }, () => `The backup is at ${target ?? own}. It holds every secret: keep it as you would keep a password.\n`);
    }));
};

/** `agenthub restore`: fills an empty data folder from a backup. */
export const restore: Verb = (cli) => {
  cli.verb("restore", "Fill an empty data folder from a backup", "AGENTHUB_DATA_DIR=./data agenthub restore /backups/monday")
    .argument("<directory>", "the backup's folder")
    .action(cli.local(async ({ io, out, application }, directory = "") => {
      const dir = dataDir(io);
      const restored = await application.restore({ ...io.env, AGENTHUB_DATA_DIR: dir }, resolve(io.cwd, directory));
      out.show({ ...restored, data_dir: dir }, () => `${dir} is as it was at ${restored.created_at}. Start it with \`agenthub serve\`; read models are built again.\n`);
    }));
};
