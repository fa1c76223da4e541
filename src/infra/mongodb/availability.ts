import { MongoServerSelectionError } from "mongodb";
import type { MongoClient } from "mongodb";
import { Unavailable } from "#commands/ports.ts";
import { isAway, reason } from "./errors.ts";

/** Runs calls on the server and turns its absence into `Unavailable`. */
export type Guard = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * The first calls during an outage wait for the server as long as the driver does; those after them are refused at once,
 * until the driver's own heartbeat finds it again.
 */
export function guardOf(client: MongoClient): Guard {
  let found = false;
  let away: string | undefined;
  client.on("topologyDescriptionChanged", ({ newDescription }) => {
    found = [...newDescription.servers.values()].some(({ type }) => type !== "Unknown" && type !== "RSSecondary");
    if (found) away = undefined;
  });
  return async (call) => {
    if (away !== undefined) throw new Unavailable(away);
    try {
      return await call();
    } catch (error) {
      if (!isAway(error)) throw error;
      const detail = `MongoDB is away: ${reason(error)}`;
      if (error instanceof MongoServerSelectionError && !found) away = detail;
      throw new Unavailable(detail, { cause: error });
    }
  };
}

/** The same methods under a guard. */
export function guarded<T extends object>(guard: Guard, methods: T): T {
  const entries = Object.entries(methods) as [string, (...values: unknown[]) => Promise<unknown>][];
  return Object.fromEntries(entries.map(([name, method]) => [name, (...values: unknown[]) => guard(() => method(...values))])) as T;
}
