import type { Environment } from "./environment.ts";
import { run } from "./application.ts";
import { readConfig } from "./config.ts";
import { type Credentials, noteServer } from "./credentials.ts";
import { openWorld } from "./world.ts";

/** An application that was started for a caller. */
export interface Started {
  readonly url: string;
  readonly credentials: Credentials;
  readonly close: () => Promise<void>;
}

/** Starts the application that an environment configures. Rejects with one clear line when it cannot be. */
export async function start(environment: Environment): Promise<Started> {
  const world = await openWorld(readConfig(environment));
  const { url, close } = await run(world);
  try {
    noteServer(world.config, url);
  } catch (error) {
    await close(); // else it would serve on while whoever started it is told that it could not
    throw error;
  }
  const end = async () => {
    noteServer(world.config);
    await close();
  };
  return { url, credentials: world.credentials, close: end };
}
