import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { Clock } from "#commands/ports.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import type { Copyable } from "#infra/sqlite/event-store.ts";
import type { Config } from "../config.ts";
import type { Credentials } from "../credentials.ts";
import { memory, type Stores } from "../stores.ts";
import { version } from "../version.ts";

/** What a backup holds, in the order in which it is made. */
export const backupFiles = ["events.db", "system.db", "credentials.json"] as const;

/** The last file of a backup: a folder without it is none. */
export const backupManifest = z.object({
  format: z.literal("agenthub-backup"), version: z.literal(1), product: z.string(), created_at: z.string(), store_id: z.string(),
  files: z.record(z.enum(backupFiles), z.object({ bytes: z.number(), sha256: z.string() })),
});

/** What was made, and where. */
export interface Backup extends z.infer<typeof backupManifest> {
  readonly directory: string;
}

/** What a backup is made from. */
export interface BackupParts {
  readonly config: Config;
  readonly stores: Stores;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

/** Size and hash of a file. */
export async function fingerprint(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return { bytes: (await stat(path)).size, sha256: hash.digest("hex") };
}

const isCopyable = (store: object): store is Copyable => "backup" in store;

/** How the embedded stores are copied while they are in use; undefined where a store is not embedded. */
export function backupOf({ config, stores, credentials, clock }: BackupParts): (() => Promise<Backup>) | undefined {
  const { events, system } = stores;
  const dir = config.AGENTHUB_DATA_DIR;
  if (dir === memory || !isCopyable(events) || !isCopyable(system)) return undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const make = async (): Promise<Backup> => {
    const created_at = fromMillis(clock.now());
    const directory = resolve(dir, "backups", created_at.replaceAll(/[:.]/g, "-"));
    const part = `${directory}.part`;
    await mkdir(part, { recursive: true, mode: 0o700 });
    try {
      // Events first: a secret is stored before the event that names it, so the later copy holds whatever the earlier one needs.
      await events.backup(join(part, "events.db"));
      await system.backup(join(part, "system.db"));
      await writeFile(join(part, "credentials.json"), `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flush: true });
      const files = Object.fromEntries(await Promise.all(backupFiles.map(async (name) => [name, await fingerprint(join(part, name))] as const)));
      const manifest = backupManifest.parse({ format: "agenthub-backup", version: 1, product: version, created_at, store_id: events.storeId, files });
      await writeFile(join(part, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
      await rename(part, directory);
      return { ...manifest, directory };
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      throw error;
    }
  };
  return () => {
    const made = turn.then(make, make);
    turn = made.catch(() => undefined);
    return made;
  };
}
