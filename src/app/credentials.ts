import { createHmac, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { checkApiKey, newApiKey } from "#infra/secrets/api-key.ts";
import { parseMasterKey } from "#infra/secrets/master-key.ts";
import { type Config, ConfigError } from "./config.ts";
import { memory } from "./stores.ts";

const file = z.object({
  secret_key: z.string(), admin_key: z.string(), publisher_key: z.string(), customer_key: z.string(), server: z.string().optional(),
});

/** The keys that a fresh installation makes for its first people, and the master key of its secrets. */
export type Credentials = z.infer<typeof file>;

const pathOf = (config: Config): string => join(config.AGENTHUB_DATA_DIR, "credentials.json");

function read(path: string): Credentials | null {
  if (!existsSync(path)) return null;
  try {
    return file.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    throw new ConfigError(`${path} cannot be read as credentials; restore it from a backup, since without its secret_key no stored secret opens`);
  }
}

/** Writes the credentials so that a crash leaves the old file or the new one, readable by the owner alone. */
function saveCredentials(config: Config, credentials: Credentials): void {
  if (config.AGENTHUB_DATA_DIR === memory) return;
  const path = pathOf(config);
  writeFileSync(`${path}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** Whether the data folder holds credentials already. */
export const hasCredentials = (config: Config): boolean => config.AGENTHUB_DATA_DIR !== memory && existsSync(pathOf(config));

/** Notes where the server of this folder answers, so that the CLI finds it; without an address the note is taken away. */
export function noteServer(config: Config, server?: string): void {
  const stored = hasCredentials(config) ? read(pathOf(config)) : null;
  if (stored === null) return;
  const { server: _before, ...keys } = stored;
  saveCredentials(config, server === undefined ? keys : { ...keys, server });
}

function minted(given: string | undefined): Credentials {
  // Several processes that were given one secret key, each with a data folder of its own, must agree on the first keys.
  const random = (name: string) => (bytes: number) =>
    (given === undefined ? randomBytes(bytes) : createHmac("sha256", given).update(`first key of the ${name}`).digest().subarray(0, bytes));
  const mint = (name: string) => newApiKey(random(name)).key;
  const secret_key = given ?? randomBytes(32).toString("hex");
  return { secret_key, admin_key: mint("operator"), publisher_key: mint("publisher"), customer_key: mint("customer") };
}

/** The installation's credentials: from the settings, else from the data folder, else made now. */
export function loadCredentials(config: Config): Credentials {
  const stored = config.AGENTHUB_DATA_DIR === memory ? null : read(pathOf(config));
  const fresh = stored ?? minted(config.AGENTHUB_SECRET_KEY);
  const credentials = { ...fresh, secret_key: config.AGENTHUB_SECRET_KEY ?? fresh.secret_key, admin_key: config.AGENTHUB_ADMIN_KEY ?? fresh.admin_key };
  if (!checkApiKey(credentials.admin_key)) throw new ConfigError("AGENTHUB_ADMIN_KEY: is no key of ours (ah_...); leave it out to have one made");
  try {
    parseMasterKey(credentials.secret_key);
  } catch (error) {
    throw new ConfigError(`AGENTHUB_SECRET_KEY: ${(error as Error).message}`);
  }
  if (stored === null) saveCredentials(config, credentials);
  return credentials;
}

/** A key for one purpose, derived from the master key. */
export const derivedKey = (credentials: Credentials, purpose: string): Buffer =>
  createHmac("sha256", parseMasterKey(credentials.secret_key)).update(purpose).digest();
