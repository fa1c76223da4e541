import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { Executor } from "#commands/execute.ts";
import type { EventStore, NewEvent } from "#commands/ports.ts";
import { type Aggregate, defineCommand } from "#domain/kernel/aggregate.ts";
import { type EventOf, eventType } from "#domain/kernel/event.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { systemClock } from "#infra/system/clock.ts";
import { systemIds } from "#infra/system/ids.ts";
import { alone, compare, type Figure, perSecond } from "./support/figure.ts";
import { inFolder } from "./support/folder.ts";

const callers = 64;
const milliseconds = 2_000;
const noted = eventType("Noted", z.object({ stream: z.string(), text: z.string() }));
type Noted = EventOf<typeof noted>;
const notes: Aggregate<{ count: number }, Noted> = {
  name: "notes", events: [noted], initial: () => ({ count: 0 }), evolve: (state) => ({ count: state.count + 1 }),
};
const note = defineCommand({
  name: "Note", input: noted.schema, aggregate: notes, stream: ({ stream }) => stream, decide: (input) => [noted(input)],
});
const text = "x".repeat(320);
const request = () => ({ account: "account", actor: "account", command_id: randomUUID() });

/** 64 callers at work for a while; what each does is up to `act`. */
const calls = (act: (caller: number, turn: number) => Promise<unknown>): Promise<number> => perSecond(async () => {
  const end = performance.now() + milliseconds;
  let count = 0;
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    for (let turn = 0; performance.now() < end; turn += 1) {
      await act(caller, turn);
      count += 1;
    }
  }));
  return count;
});

async function onStore(path: string, work: (store: EventStore) => Promise<number>): Promise<number> {
  const store = await openSqliteEventStore(path);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const appends = (path: string): Promise<number> => onStore(path, (store) => calls(async (caller, turn) => {
  const stream = `notes-${caller}`;
  const { command_id, account } = request();
  const metadata = {
    schema_version: 1, recorded_at: new Date().toISOString(), account, actor: account, command_id, correlation_id: command_id, causation_id: command_id,
  };
  const event: NewEvent = { id: randomUUID(), type: "Noted", data: { stream, text }, metadata };
  await store.append(stream, [event], turn - 1);
}));

const commands = (path: string, streams: number): Promise<number> => onStore(path, async (store) => {
  const executor = new Executor({ store, clock: systemClock, ids: systemIds, singleWriter: true });
  return await calls((caller) => executor.execute(note, { stream: `notes-${caller % streams}`, text }, request()));
});

/** Commands of 64 callers beside bare appends of 64 callers, each to its own stream, of the same events. */
export const run = (): Promise<Figure[]> => inFolder(async (folder) => {
  const figure = (streams: number, target: number) => compare({
    name: `commands of 64 callers on ${streams === 1 ? "one stream" : `${streams} streams`}, beside appends`, unit: "commands/s", target,
    ours: (round) => commands(join(folder, `commands-${streams}-${round}.db`), streams),
    bare: (round) => appends(join(folder, `appends-${streams}-${round}.db`)),
  });
  return [await figure(1, 0.5), await figure(callers, 0.3)];
});

if (import.meta.main) await alone(run);
