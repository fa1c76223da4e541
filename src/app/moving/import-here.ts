import { ConfigError, readConfig } from "../config.ts";
import { derivedKey, hasCredentials, loadCredentials } from "../credentials.ts";
import type { Environment } from "../environment.ts";
import { openStores } from "../stores.ts";
import { importLines, type ImportResult } from "./import.ts";

/** Imports an export into the stores that an environment configures; its secret key must be the exporting installation's. */
export async function importInto(environment: Environment, lines: AsyncIterable<string>, onProgress: (events: number) => void): Promise<ImportResult> {
  const config = readConfig(environment);
  if (config.AGENTHUB_SECRET_KEY === undefined && !hasCredentials(config))
    throw new ConfigError("AGENTHUB_SECRET_KEY: give the key of the installation that exported (secret_key in its credentials.json): without it no secret of the export opens");
  const stores = await openStores(config);
  try {
    return await importLines(lines, { events: stores.events, system: stores.system, key: derivedKey(loadCredentials(config), "export"), onProgress, atOnce: config.AGENTHUB_EVENT_STORE.startsWith("sqlite:") ? 64 : 1 });
  } finally {
    await stores.close();
  }
}
