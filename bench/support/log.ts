import { randomUUID } from "node:crypto";
import type { EventStore, NewEvent } from "#commands/ports.ts";
import * as life from "#domain/instance/events.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { dayOf } from "#domain/kernel/time.ts";
import { History } from "#test/support/history.ts";

const customers = 20;
const instances = 200;
const tasksAtOnce = 5;

/** Writes runs of one stream as one append each; runs of different streams do not wait for one another. */
async function write(store: EventStore, events: readonly StoredEvent[]): Promise<void> {
  const runs: StoredEvent[][] = [];
  for (const event of events) {
    const last = runs.at(-1);
    if (last?.[0]?.stream === event.stream) last.push(event);
    else runs.push([event]);
  }
  await Promise.all(runs.map(async (run) => {
    const [first] = run;
    if (first === undefined) return;
    const added = run.map(({ type, data, metadata }): NewEvent => ({ id: randomUUID(), type, data, metadata: { ...metadata, command_id: randomUUID() } }));
    await store.append(first.stream, added, first.revision - 1);
  }));
}

/** A log as a busy day would leave it: 200 instances of 20 customers, whose tasks are done side by side. At least so many events. Told of `stops` as it passes them. */
export async function writeLog(store: EventStore, atLeast: number, stops: readonly number[] = [], onStop: () => Promise<void> = async () => undefined): Promise<number> {
  const history = new History();
  let written = 0;
  const flush = async (): Promise<void> => {
    const events = history.events.splice(0);
    written += events.length;
    await write(store, events);
  };
  history.open(1, ["publisher"]).register(1, 1);
  for (let customer = 2; customer < customers + 2; customer += 1) history.open(customer);
  for (let instance = 1; instance <= instances; instance += 1) {
    history.request(instance, { customer: 2 + (instance % customers) }).started(instance)
      .live(instance, (instance_id, now) => life.usageDayOpened({ instance_id, day: dayOf(now) }));
    await flush();
  }
  const left = stops.toSorted((a, b) => a - b);
  for (let task = 0; written < atLeast;) {
    for (let instance = 1; instance <= instances; instance += 1) {
      for (let more = 0; more < tasksAtOnce; more += 1, task += 1) history.task(instance, task, 0.001, "succeeds", { customer: 2 + (instance % customers) });
    }
    await flush();
    if (written >= (left[0] ?? Number.POSITIVE_INFINITY)) {
      left.shift();
      await onStop();
    }
  }
  return written;
}

/** A whole log, in order. */
export async function readLog(store: EventStore): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const last = events.at(-1)?.position;
    const page = await store.readAll(last === undefined ? {} : { from: last });
    if (page.length === 0) return events;
    events.push(...page);
  }
}
