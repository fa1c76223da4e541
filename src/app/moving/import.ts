import type { EventStore, NewEvent } from "#commands/ports.ts";
import { noStream } from "#commands/ports.ts";
import { open } from "#infra/secrets/seal.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { ExportBroken, LineHash, line } from "./format.ts";

/** Where an export goes. */
export interface ImportParts {
  /** Empty, or holding the beginning of this very export: an import that broke off goes on. */
  readonly events: EventStore;
  readonly system: SystemStore;
  /** Opens the system store's entries; derived from the secret key of the installation that exported. */
  readonly key: Buffer;
  readonly onProgress?: (events: number) => void;
  /** How many appends may be under way: more than one only where a store keeps the order in which it is asked. */
  readonly atOnce?: number;
}

/** What was imported. */
export interface ImportResult {
  readonly events: number;
  /** Of those, how many an earlier try had brought. */
  readonly already: number;
  readonly system: number;
}

type Incoming = NewEvent & { readonly stream: string };
const maxBatch = 200;
const maxBytes = 500_000;

const contentOf = ({ id, type, stream, data }: Pick<Incoming, "id" | "type" | "stream" | "data">): string => JSON.stringify([id, type, stream, data]);

async function contentHash(store: EventStore): Promise<string> {
  const hash = new LineHash();
  for (let from = ""; ;) {
    const page = await store.readAll({ from, max: 1000 });
    for (const event of page) hash.add(contentOf(event));
    const last = page.at(-1);
    if (last === undefined) return hash.value();
    from = last.position;
  }
}

async function present(store: EventStore): Promise<string[]> {
  const ids: string[] = [];
  for (let from = ""; ;) {
    const page = await store.readAll({ from, max: 1000 });
    ids.push(...page.map(({ id }) => id));
    const last = page.at(-1);
    if (last === undefined) return ids;
    from = last.position;
  }
}

class Writer {
  readonly #store: EventStore;
  readonly #revisions = new Map<string, number>();
  #batch: Incoming[] = [];
  #bytes = 0;
  readonly #atOnce: number;
  readonly #underWay: Promise<unknown>[] = [];

  constructor({ events, atOnce = 1 }: ImportParts) {
    this.#store = events;
    this.#atOnce = atOnce;
  }

  /** Counts an event that is there already. */
  skip({ stream }: Incoming): void {
    this.#revisions.set(stream, (this.#revisions.get(stream) ?? noStream) + 1);
  }

  async add(event: Incoming, bytes: number): Promise<void> {
    if (this.#batch.length >= maxBatch || this.#bytes + bytes > maxBytes || (this.#batch[0]?.stream ?? event.stream) !== event.stream) await this.flush();
    this.#batch.push(event);
    this.#bytes += bytes;
  }

  async flush(): Promise<void> {
    const stream = this.#batch[0]?.stream;
    if (stream === undefined) return;
    const events = this.#batch.map(({ stream: _stream, ...event }) => event);
    this.#batch = [];
    this.#bytes = 0;
    const expected = this.#revisions.get(stream) ?? noStream;
    this.#revisions.set(stream, expected + events.length);
    const append = this.#store.append(stream, events, expected);
    append.catch(() => undefined); // whoever waits for it is told
    this.#underWay.push(append);
    if (this.#underWay.length >= this.#atOnce) await this.settle();
  }

  /** Waits until everything that was flushed is durable. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay.splice(0));
  }
}

function parse(text: string): ReturnType<typeof line.parse> {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    throw new ExportBroken(`a line of the export cannot be read: ${text.slice(0, 60)}`);
  }
}

async function putEntry({ system, key }: ImportParts, sealed: string): Promise<void> {
  let entry: { kind: string; key: string; value: unknown; expires_at: number | null };
  try {
    entry = JSON.parse(open(key, "export", sealed).toString("utf8")) as typeof entry;
  } catch {
    throw new ExportBroken("a secret of the export does not open: AGENTHUB_SECRET_KEY must be the key of the installation that exported");
  }
  await system.put(entry.kind, entry.key, entry.value, entry.expires_at ?? undefined);
}

class Importer {
  readonly #parts: ImportParts;
  readonly #there: readonly string[];
  readonly #writer: Writer;
  readonly #hash = new LineHash();
  readonly #content = new LineHash();
  events = 0;
  system = 0;
  #lines = 0;
  #complete = false;

  constructor(parts: ImportParts, there: readonly string[]) {
    this.#parts = parts;
    this.#there = there;
    this.#writer = new Writer(parts);
  }

  async take(text: string): Promise<void> {
    const value = parse(text);
    if ((this.#lines === 0) !== "format" in value) throw new ExportBroken("this is no export of AgentHub: its first line must say so, once");
    if ("sha256" in value) this.#check(value);
    if ("event" in value) await this.#event(value.event as unknown as Incoming, text.length);
    if ("system" in value && typeof value.system === "string") {
      await putEntry(this.#parts, value.system);
      this.system += 1;
    }
    this.#hash.add(text);
    this.#lines += 1;
  }

  async end(): Promise<ImportResult> {
    await this.#writer.flush();
    await this.#writer.settle();
    if (!this.#complete) throw new ExportBroken("the export breaks off before its last line; what it held is imported, and the whole file can be imported over it");
    if (this.#there.length > this.events) throw new ExportBroken("the event store holds more than the export; import into an empty one");
    this.#parts.onProgress?.(this.events);
    // What a store gives back is what counts, not what it acknowledged.
    if (await contentHash(this.#parts.events) !== this.#content.value()) throw new ExportBroken("the event store gives back other events than were imported; do not use it");
    return { events: this.events, already: this.#there.length, system: this.system };
  }

  #check(told: { events: number; system: number; sha256: string }): void {
    const agrees = told.sha256 === this.#hash.value() && told.events === this.events && told.system === this.system;
    if (!agrees) throw new ExportBroken("the export was changed or lost lines: count and hash do not agree");
    this.#complete = true;
  }

  async #event(incoming: Incoming, bytes: number): Promise<void> {
    const known = this.#there[this.events];
    if (known !== undefined && known !== incoming.id) throw new ExportBroken("the event store holds other events; import into an empty one");
    if (known === undefined) await this.#writer.add(incoming, bytes);
    else this.#writer.skip(incoming);
    this.#content.add(contentOf(incoming));
    this.events += 1;
    if (this.events % 1000 === 0) this.#parts.onProgress?.(this.events);
  }
}

/** Brings an export into empty stores; events keep their ids, order and metadata, so every bill stays what it was. */
export async function importLines(lines: AsyncIterable<string>, parts: ImportParts): Promise<ImportResult> {
  const importer = new Importer(parts, await present(parts.events));
  for await (const text of lines) if (text.trim() !== "") await importer.take(text);
  return importer.end();
}
