import { readData } from "#domain/catalogue.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { ledgerStream, usageStream } from "#domain/kernel/ids.ts";
import type { EventStore } from "#commands/ports.ts";

/** What an audit covers; without account and instance it is the whole log. */
export interface AuditScope {
  readonly account?: string | undefined;
  readonly instance?: string | undefined;
  /** A UTC month, `yyyy-mm`; without it the whole life. */
  readonly period?: string | undefined;
  /** Only what was recorded by this instant, priced at it. */
  readonly as_of?: string | undefined;
}

const pageSize = 1000;

async function* stream(store: EventStore, name: string): AsyncGenerator<StoredEvent> {
  for (let from = 0; ; from += pageSize) {
    const page = await store.read(name, { from, max: pageSize });
    yield* page;
    if (page.length < pageSize) return;
  }
}

async function* instance(store: EventStore, id: string): AsyncGenerator<StoredEvent> {
  const days: string[] = [];
  let requested = "";
  for await (const event of stream(store, id)) {
    if (event.type === "UsageDayOpened") days.push((readData(event) as { day: string }).day);
    if (event.type === "InstanceRequested") requested = event.metadata.account;
    yield event;
  }
  for (const day of days) yield* stream(store, usageStream(id, day));
  if (requested === "") return;
  for await (const event of stream(store, ledgerStream(requested)))
    if ((event.data as { instance_id?: string }).instance_id === id) yield event;
}

async function* account(store: EventStore, id: string): AsyncGenerator<StoredEvent> {
  const roster: string[] = [];
  for await (const event of stream(store, ledgerStream(id))) {
    yield event;
    roster.push((event.data as { instance_id: string }).instance_id);
  }
  for (const member of roster)
    for await (const event of instance(store, member)) if (event.type !== "InstanceEnrolled") yield event;
}

async function* everything(store: EventStore): AsyncGenerator<StoredEvent> {
  for (let reading = store.readAll({ max: pageSize }); ;) {
    const page = await reading;
    const last = page.at(-1);
    if (last === undefined) return;
    // The store reads on while this page is looked at; whoever stops here never learns whether that failed.
    reading = store.readAll({ from: last.position, max: pageSize });
    reading.catch(() => undefined);
    yield* page;
  }
}

/** The events that an audit rests on: one instance's, an account's by its rosters, or the whole log. */
export function readScope(store: EventStore, scope: AuditScope): AsyncGenerator<StoredEvent> {
  if (scope.instance !== undefined) return instance(store, scope.instance);
  return scope.account === undefined ? everything(store) : account(store, scope.account);
}
