import type { SQLInputValue } from "node:sqlite";
import type { SqliteFile } from "./read-models-file.ts";

/** A statement with its values; plain data, so that it can cross to a worker thread. */
export type Step = readonly [sql: string, ...values: SQLInputValue[]];

/** A statement, and those that follow only if it changed anything. */
export type GuardedWrite = readonly Step[];

/** Writes one after the other; answers of each whether its first statement changed anything. */
export function writeGuarded(file: SqliteFile, writes: readonly GuardedWrite[]): boolean[] {
  return writes.map(([first, ...rest]) => {
    if (first === undefined || file.run(...first) === 0) return false;
    for (const step of rest) file.run(...step);
    return true;
  });
}
