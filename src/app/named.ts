import { ConfigError } from "./config.ts";

/** Uses a setting's value; whoever gave a wrong one is told which setting it is. Throws ConfigError. */
export function named<T>(setting: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw new ConfigError(`${setting}: ${(error as Error).message}`);
  }
}
