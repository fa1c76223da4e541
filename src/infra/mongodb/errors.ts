import {
  MongoClientClosedError, MongoCompatibilityError, MongoNetworkError, MongoNotConnectedError, MongoServerError, MongoServerSelectionError,
  MongoTopologyClosedError,
} from "mongodb";
import { Unavailable } from "#commands/ports.ts";

/** The server's code for a value that a unique index has already. */
export const duplicateKey = 11000;

// The last is what MongoDB Atlas says.
const refusedCodes = [13, 18, 8000];
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

/** Whether a collection to drop was not there; some servers say so by the words alone. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, 26) || (error instanceof MongoServerError && error.message.startsWith("ns not found"));
}

/** Whether the server is away or has no primary for now: the same call may succeed later. */
export function isAway(error: unknown): boolean {
  if (error instanceof MongoServerError) return passingCodes.has(Number(error.code)) || error.hasErrorLabel("RetryableWriteError");
  return error instanceof MongoServerSelectionError || error instanceof MongoNetworkError || error instanceof MongoNotConnectedError
    || error instanceof MongoTopologyClosedError || error instanceof MongoClientClosedError;
}

const unauthorized = 13;

/** One line that tells an operator why the database cannot be used. */
export function explain(error: unknown, where: string, url = where): Error {
  const text = reason(error);
  if (hasCode(error, unauthorized) && url.includes("@")) {
    return new Error(`MongoDB at ${where} does not let this user do what is needed, which is readWrite on two databases, <name> and <name>_system: ${text}`, { cause: error });
  }
  if (hasCode(error, ...refusedCodes)) {
    const hint = url.includes("@") && !/[?&]authSource=/i.test(url) ? "; a user that another database keeps needs authSource=<that database>, often admin" : "";
    return new Error(`MongoDB at ${where} refused the credentials: ${text}${hint}`, { cause: error });
  }
  if (error instanceof MongoCompatibilityError || /wire version/.test(text)) {
    return new Error(`MongoDB at ${where} is too old, 4.4 or newer is needed: ${text}`, { cause: error });
  }
  if (isAway(error)) return new Unavailable(`MongoDB at ${where} cannot be reached: ${text}`, { cause: error });
  return new Error(`MongoDB at ${where} cannot be used: ${text}`, { cause: error });
}

/** The message of an error in one line. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
}
