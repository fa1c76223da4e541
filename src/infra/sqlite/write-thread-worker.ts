import { parentPort, workerData } from "node:worker_threads";
import { type GuardedWrite, writeGuarded } from "./guarded-write.ts";
import { openSqliteFile } from "./read-models-file.ts";

/** The file that a thread writes to. */
export interface Begin {
  readonly path: string;
  readonly synchronous: "FULL" | "NORMAL";
}

/** What became of one request: what each write changed, or why none of it is there. */
export interface Written {
  readonly changed?: readonly boolean[];
  readonly error?: string;
}

const failed = (error: unknown): Written => ({ error: error instanceof Error ? error.message : String(error) });

function serve(port: NonNullable<typeof parentPort>): void {
  const { path, synchronous } = workerData as Begin;
  const file = openSqliteFile(path, synchronous);
  const one = (writes: readonly GuardedWrite[]): Written => {
    try {
      return { changed: file.savepoint(() => writeGuarded(file, writes)) };
    } catch (error) {
      return failed(error);
    }
  };
  port.on("message", (group: readonly (readonly GuardedWrite[])[] | null) => {
    if (group === null) {
      file.close();
      return port.close();
    }
    try {
      port.postMessage(file.transaction(() => group.map(one)));
    } catch (error) {
      port.postMessage(group.map(() => failed(error)));
    }
  });
}

if (parentPort) serve(parentPort);
