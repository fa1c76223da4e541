import { randomUUID } from "node:crypto";
import type { NewEvent } from "#commands/ports.ts";
import { perSecond } from "./figure.ts";

/** How many callers append at once. */
export const appenders = 64;
/** For how long they do. */
export const milliseconds = 2_000;
/** 400 bytes. */
export const data = { text: "x".repeat(400 - '{"text":""}'.length) };
/** What every event of them carries. */
export const metadata = {
  schema_version: 1, recorded_at: "2026-01-01T00:00:00.000Z", account: "acc", actor: "acc",
  command_id: "command", correlation_id: "correlation", causation_id: "causation",
};

/** Durable appends a second: every caller has a stream of its own and waits for its own answer, with the revision that it expects. */
export const appending = (append: (stream: string, event: NewEvent, expected: number) => Promise<unknown>): Promise<number> => perSecond(async () => {
  const end = performance.now() + milliseconds;
  let count = 0;
  await Promise.all(Array.from({ length: appenders }, async () => {
    const stream = `bench-${randomUUID()}`;
    for (let expected = -1; performance.now() < end; expected += 1) {
      await append(stream, { id: randomUUID(), type: "Benched", data, metadata }, expected);
      count += 1;
    }
  }));
  return count;
});
