import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";

/** Ends the store's worker under appends and a subscription, and prints as JSON what became of them. */
let worker: Worker | undefined;
process.on("worker", (started) => {
  worker = started;
});
const store = await openSqliteEventStore(String(process.argv[2]));
const first = worker;
const seen: string[] = [];
const subscription = await store.subscribeAll("start", (event) => void seen.push(event.id));

const event = (): Parameters<typeof store.append>[1][number] => {
  const id = randomUUID();
  const metadata = {
    schema_version: 1, recorded_at: "2026-01-01T00:00:00.000Z", account: "acc", actor: "acc",
    command_id: id, correlation_id: id, causation_id: id,
  };
  return { id, type: "ThingHappened", data: {}, metadata };
};
const appends = Array.from({ length: 50 }, () => ({ stream: `writer-${randomUUID()}`, event: event() }));
const write = ({ stream, event: proposed }: (typeof appends)[number]): Promise<unknown> => store.append(stream, [proposed], -1);

const attempts = Promise.allSettled(appends.map(write));
await Promise.resolve(); // the requests are on their way
const terminated = first?.terminate();
const outcomes = (await attempts).map((result) => (result.status === "fulfilled" ? "written" : (result.reason as Error).name));
await terminated;
const retries = (await Promise.allSettled(appends.map(write))).map(({ status }) => status);
const stored = (await store.readAll()).map(({ id }) => id);
while (seen.length < stored.length) await new Promise(setImmediate);
await subscription.stop();
await store.close();
writeSync(1, JSON.stringify({ replaced: worker !== first, outcomes, retries, stored, seen, proposed: appends.map((append) => append.event.id) }));
