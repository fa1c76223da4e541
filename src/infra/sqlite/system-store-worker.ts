import { parentPort, workerData } from "node:worker_threads";
import { openSqliteFile } from "./read-models-file.ts";
import { type Entry, putSql } from "./system-store-entry.ts";

/** What the worker answers: nothing once the entries are durable, else why they are not. */
export type Written = { readonly error?: string };

function serve(port: NonNullable<typeof parentPort>): void {
  const file = openSqliteFile(String(workerData), "FULL");
  const write = (entries: readonly Entry[]): Written => {
    try {
      file.transaction(() => { for (const entry of entries) file.run(putSql, ...entry); });
      return {};
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
  port.on("message", (entries: readonly Entry[] | null) => {
    if (entries !== null) return port.postMessage(write(entries));
    file.close();
    port.close();
  });
}

if (parentPort) serve(parentPort);
