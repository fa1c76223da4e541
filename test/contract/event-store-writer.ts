import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";

const pause = new Int32Array(new SharedArrayBuffer(4));

// Synchronous: what was printed was acknowledged, whenever the kill comes. A pipe that is full for the moment refuses the line whole.
function print(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}

/** Appends to 16 streams until it is killed and prints every acknowledged event as `stream revision id`. */
const store = await openSqliteEventStore(String(process.argv[2]));
print("open\n");

async function write(stream: string): Promise<never> {
  for (let expected = -1; ; expected++) {
    const id = randomUUID();
    const metadata = {
      schema_version: 1, recorded_at: "2026-01-01T00:00:00.000Z", account: "acc", actor: "acc",
      command_id: id, correlation_id: id, causation_id: id,
    };
    const { revision } = await store.append(stream, [{ id, type: "ThingHappened", data: { expected }, metadata }], expected);
    print(`${stream} ${revision} ${id}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, () => write(`writer-${randomUUID()}`)));
