import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Executor } from "#commands/execute.ts";
import type { EventStore } from "#commands/ports.ts";
import { finishTask, admitTask } from "#commands/usage/tasks.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { systemClock } from "#infra/system/clock.ts";
import { systemIds } from "#infra/system/ids.ts";
import { alone, compare, type Figure } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";

const day = "20260110";
const length = 100_000;
const sample = 200;
const instanceOf = (number: number): string => `instance-00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const request = () => ({ account: "account", actor: "account", command_id: randomUUID() });

async function task(executor: Executor, instance_id: string): Promise<void> {
  const task_id = `task-${day}-${randomUUID()}`;
  await executor.execute(admitTask, {
    task_id, instance_id, endpoint: "/run", timeout_s: 30, deadline: "2026-01-10T00:00:30.000Z", executor: "bench", parameters_hash: "hash",
  }, request());
  await executor.execute(finishTask, { ending: { type: "TaskSucceeded", data: { task_id, instance_id, execution_ms: 1, result_bytes: 2 } } }, request());
}

/** Milliseconds of one command, one after another on one stream. */
async function timeOf(executor: Executor, instance: string): Promise<number> {
  const start = performance.now();
  for (let done = 0; done < sample; done += 2) await task(executor, instance);
  return (performance.now() - start) / sample;
}

async function warm(executor: Executor, instance: string): Promise<void> {
  for (let written = 0; written < length; written += 256)
    await Promise.all(Array.from({ length: 128 }, () => task(executor, instance)));
}

async function measure(store: EventStore): Promise<Figure> {
  const executor = new Executor({ store, clock: systemClock, ids: systemIds, singleWriter: true });
  await warm(executor, instanceOf(0));
  return await compare({
    name: "a command on a stream of 100,000 events, beside one on an empty stream", unit: "ms", target: 1.2, atMost: true, rounds: 21,
    ours: () => timeOf(executor, instanceOf(0)),
    bare: (round) => timeOf(executor, instanceOf(round + 1)),
  });
}

/** What a long stream costs a command once its state is kept. */
export const run = (): Promise<Figure[]> => inFolder(async (folder) => {
  const store = await openSqliteEventStore(join(folder, "events.db"));
  try {
    return [await measure(store)];
  } finally {
    await store.close();
  }
});

if (import.meta.main) await alone(run);
