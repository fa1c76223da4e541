import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";

/** What a client asks to write. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

/** An event of the double's log. */
export interface Recorded extends Proposed {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly created: number;
}

/** The expected revision of an append; -1 is a missing stream. */
export type Expected = number | "any" | "exists";

/** What became of an append. */
export type Outcome = { written: Recorded | undefined; revision: number } | { conflict: number };

const gap = 137; // positions of the real server are sparse as well
const noiseEvery = 5;

type Noise = Omit<Proposed, "id"> & { readonly stream: string };
const json = (stream: string, type: string, data: unknown, metadata = ""): Noise =>
  ({ stream, type, contentType: "application/json", data: Buffer.from(JSON.stringify(data)), metadata: Buffer.from(metadata) });
const bytes = (stream: string, type: string, data: string, metadata = ""): Noise => ({ ...json(stream, type, null, metadata), contentType: "application/octet-stream", data: Buffer.from(data) });
const noise: readonly Noise[] = [
  json("$stats-127.0.0.1:2113", "$statsCollected", {}),
  json("$$$stats-127.0.0.1:2113", "$metadata", { $maxAge: 86_400 }),
  bytes("$ce-contract", "$>", "0@contract-gone", '{"$v":"1:-1:1:4","$c":137}'),
  bytes("$epoch-information", "$epoch-information", "{}"),
  json("$persistentsubscription-$all::others-checkpoint", "$SubscriptionCheckpoint", "137"),
  // Of other applications: without metadata, with metadata of theirs, with some that is no JSON, and no JSON at all.
  json("order-1", "OrderPlaced", { total: 1 }),
  json("order$2", "OrderPlaced", { total: 2 }, '{"$correlationId":"1"}'),
  { ...json("order-3", "OrderPlaced", null, "plain"), data: Buffer.from("{broken") },
  bytes("picture-1", "PictureTaken", "\u0000\u0001"),
];

/** The double's log, in memory and, when it has a file, written to it before it is acknowledged: killing the process loses nothing. */
export class DoubleLog {
  readonly events: Recorded[] = [];
  readonly #streams = new Map<string, Recorded[]>();
  readonly #listeners = new Set<() => void>();
  readonly #file: number | undefined;
  #appends = 0;

  constructor(path?: string) {
    if (path === undefined) return;
    if (existsSync(path)) this.#load(readFileSync(path, "utf8"));
    this.#file = openSync(path, "a");
  }

  stream(name: string): readonly Recorded[] {
    return this.#streams.get(name) ?? [];
  }

  append(stream: string, proposed: readonly Proposed[], expected: Expected): Outcome {
    const known = this.stream(stream);
    const actual = known.length - 1;
    if (expected === "exists" && actual < 0) return { conflict: actual };
    if (typeof expected === "number" && expected !== actual) {
      const original = known.slice(expected + 1, expected + 1 + proposed.length);
      const same = original.length === proposed.length && original.every((event, index) => event.id === proposed[index]?.id);
      return same && proposed.length > 0 ? { written: original.at(-1), revision: expected + proposed.length } : { conflict: actual };
    }
    const written = proposed.map((event, index) => this.#record(stream, known.length + index, index, event));
    this.#keep(written);
    this.#appends += 1;
    if (this.#appends % noiseEvery === 0) this.#noise();
    for (const listener of this.#listeners) listener();
    return { written: written.at(-1) ?? known.at(-1), revision: actual + proposed.length };
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  /** The server's own events and those of other applications lie between everybody else's. */
  #noise(): void {
    const { stream, ...event } = noise[this.events.length % noise.length] as Noise;
    const id = `00000000-0000-4000-8000-${String(this.events.length).padStart(12, "0")}`;
    this.#keep([this.#record(stream, this.stream(stream).length, 0, { id, ...event })]);
  }

  #record(stream: string, revision: number, offset: number, event: Proposed): Recorded {
    return { ...event, stream, revision, position: (this.events.length + offset + 1) * gap, created: Date.now() };
  }

  #keep(events: readonly Recorded[]): void {
    if (this.#file !== undefined && events.length > 0) {
      writeSync(this.#file, `${JSON.stringify(events.map(toText))}\n`);
    }
    for (const event of events) this.#add(event);
  }

  #add(event: Recorded): void {
    this.events.push(event);
    const stream = this.#streams.get(event.stream);
    if (stream) stream.push(event);
    else this.#streams.set(event.stream, [event]);
  }

  #load(text: string): void {
    const lines = text.split("\n");
    lines.pop(); // empty, or an append that the kill cut off and nobody was told of
    for (const line of lines) {
      for (const event of JSON.parse(line) as ReturnType<typeof toText>[]) {
        this.#add({ ...event, data: Buffer.from(event.data, "base64"), metadata: Buffer.from(event.metadata, "base64") });
      }
    }
  }
}

function toText(event: Recorded): Omit<Recorded, "data" | "metadata"> & { data: string; metadata: string } {
  return { ...event, data: event.data.toString("base64"), metadata: event.metadata.toString("base64") };
}
