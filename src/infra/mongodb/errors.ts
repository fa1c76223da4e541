import {
  MongoClientClosedError, MongoCompatibilityError, MongoNetworkError, MongoNotConnectedError, MongoServerError, MongoServerSelectionError,
  MongoTopologyClosedError,
} from "mongodb";
import { Unavailable } from "#commands/ports.ts";

/** The server's code for a value that a unique index has already. */
export const duplicateKey = 11000;

const refusedCodes = new Set([13, 18]);
// Stepping down, shutting down, no primary, out of time, write concern not reached: all pass.
const passingCodes = new Set([6, 7, 50, 64, 89, 91, 189, 202, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Whether an insert found its id taken. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKey;
}

/** Whether the server refused with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof MongoServerError && codes.includes(Number(error.code));
}

function isAway(error: unknown): boolean {
  if (error instanceof MongoServerError) return passingCodes.has(Number(error.code)) || error.hasErrorLabel("RetryableWriteError");
  return error instanceof MongoServerSelectionError || error instanceof MongoNetworkError || error instanceof MongoNotConnectedError
    || error instanceof MongoTopologyClosedError || error instanceof MongoClientClosedError;
}

/** The same methods; what they throw while the server is away is `Unavailable`. */
export function translatingErrors<T extends object>(methods: T): T {
  const translated = Object.entries(methods).map(([name, method]: [string, (...values: unknown[]) => Promise<unknown>]) => [
    name,
    async (...values: unknown[]): Promise<unknown> => {
      try {
        return await method(...values);
      } catch (error) {
        if (isAway(error)) throw new Unavailable(`MongoDB is away: ${reason(error)}`, { cause: error });
        throw error;
      }
    },
  ]);
  return Object.fromEntries(translated) as T;
}

/** One line that tells an operator why the database cannot be used. */
export function explain(error: unknown, where: string): Error {
  const text = reason(error);
  if (hasCode(error, ...refusedCodes) || /auth/i.test(text)) {
    return new Error(`MongoDB at ${where} refused the credentials: ${text}`, { cause: error });
  }
  if (error instanceof MongoCompatibilityError || /wire version/.test(text)) {
    return new Error(`MongoDB at ${where} is too old, 4.4 or newer is needed: ${text}`, { cause: error });
  }
  if (isAway(error)) return new Unavailable(`MongoDB at ${where} cannot be reached: ${text}`, { cause: error });
  return new Error(`MongoDB at ${where} cannot be used: ${text}`, { cause: error });
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
}
