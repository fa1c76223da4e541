import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { renewStoreId } from "#infra/sqlite/event-store-file.ts";
import { ConfigError, readConfig } from "../config.ts";
import type { Environment } from "../environment.ts";
import { memory } from "../stores.ts";
import { type Backup, backupFiles, backupManifest, fingerprint } from "./backup.ts";

/** A backup that cannot be restored; the message says why. */
class BackupBroken extends Error {
  override readonly name = "BackupBroken";
}

async function checked(directory: string): Promise<Backup> {
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(join(directory, "manifest.json"), "utf8"));
  } catch {
    throw new BackupBroken(`${directory} holds no whole backup: its manifest.json is missing or cannot be read`);
  }
  const { success, data } = backupManifest.safeParse(manifest);
  if (!success) throw new BackupBroken(`${directory} holds no backup that this version knows`);
  for (const name of backupFiles) {
    const path = join(directory, name);
    const found = existsSync(path) ? await fingerprint(path) : undefined;
    const told = data.files[name];
    if (found?.bytes !== told.bytes || found.sha256 !== told.sha256) throw new BackupBroken(`${path} is missing, or is not the file that the backup was made with`);
  }
  return { ...data, directory };
}

/** Fills an empty data folder from a backup, after it was checked; the event store gets another id. */
export async function restoreInto(environment: Environment, directory: string): Promise<Backup> {
  const { AGENTHUB_DATA_DIR: dir, AGENTHUB_EVENT_STORE: events, AGENTHUB_READ_MODELS: models } = readConfig(environment);
  if (dir === memory || !events.startsWith("sqlite:") || !models.startsWith("sqlite:"))
    throw new ConfigError("AGENTHUB_EVENT_STORE, AGENTHUB_READ_MODELS: a backup is of the embedded stores; for others there is agenthub import");
  for (const name of ["events.db", "read-models.db", "system.db", "metrics.db", "credentials.json"])
    if (existsSync(join(dir, name))) throw new ConfigError(`AGENTHUB_DATA_DIR: ${dir} holds ${name}; a backup is restored into an empty folder`);
  const backup = await checked(resolve(directory));
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const part = (name: string) => join(dir, `${name}.restoring`);
  try {
    for (const name of backupFiles) await copyFile(join(backup.directory, name), part(name));
    renewStoreId(part("events.db"));
    // Events last: without them the folder is no installation.
    for (const name of backupFiles.toReversed()) await rename(part(name), join(dir, name));
  } catch (error) {
    for (const name of backupFiles) await rm(part(name), { force: true });
    throw error;
  }
  return backup;
}
