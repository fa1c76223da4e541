import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";

/** Appends to 16 streams until it is killed and prints every acknowledged event as `stream revision id`. */
const store = await openSqliteEventStore(String(process.argv[2]));
writeSync(1, "open\n");

async function write(stream: string): Promise<never> {
  for (let expected = -1; ; expected++) {
    const id = randomUUID();
    const metadata = {
      schema_version: 1, recorded_at: "2026-01-01T00:00:00.000Z", account: "acc", actor: "acc",
      command_id: id, correlation_id: id, causation_id: id,
    };
    const { revision } = await store.append(stream, [{ id, type: "ThingHappened", data: { expected }, metadata }], expected);
    writeSync(1, `${stream} ${revision} ${id}\n`); // synchronous: what was printed was acknowledged, whenever the kill comes
  }
}

await Promise.all(Array.from({ length: 16 }, () => write(`writer-${randomUUID()}`)));
