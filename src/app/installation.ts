import type { Ids } from "#commands/ports.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { derivedKey, type Credentials } from "./credentials.ts";
import { ConfigError } from "./config.ts";

/** The installation's id: what its containers are labelled with. Made once, kept in the system store. */
export async function installationId(system: SystemStore, ids: Ids): Promise<string> {
  return String(await system.putIfAbsent("installation", "id", ids.random()));
}

/** Refuses to run with another master key than the one that the stored secrets were sealed with. */
export async function assertSameSecretKey(system: SystemStore, credentials: Credentials): Promise<void> {
  const mark = derivedKey(credentials, "mark").toString("hex").slice(0, 16);
  if (await system.putIfAbsent("installation", "secret_key_mark", mark) !== mark)
    throw new ConfigError("AGENTHUB_SECRET_KEY: is not the key that this installation's secrets were sealed with; every process needs the same one");
}
