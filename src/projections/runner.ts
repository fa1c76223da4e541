import { countParked, everyProjection, parkedCollection, readable } from "./parked.ts";
import type { Pause } from "./pause.ts";
import { nextCollection, pointTo } from "./pointer.ts";
import type { EventFeed, ReadModels } from "./ports.ts";
import type { Projection } from "./projection.ts";
import { liveCollection, pointers } from "./reader.ts";
import { reasonOf } from "./reason.ts";
import { Fenced, type ProjectionStatus, Track } from "./track.ts";

/** What a projector needs. */
export interface ProjectorOptions {
  readonly models: ReadModels;
  readonly feed: EventFeed;
  readonly projections: readonly Projection[];
  /** Grows with every owner; fences a former one. */
  readonly epoch?: number;
  readonly batch?: number;
  readonly pause: Pause;
}

interface Rebuild {
  readonly track: Track;
  readonly done: Promise<void>;
  readonly finish: () => void;
}

const backoff = (failures: number): number => Math.min(50 * 2 ** (failures - 1), 5000);

/**
 * Feeds the log to the projections. Those at one position advance together; one that is behind catches up beside them.
 * Documents are written before the checkpoint, and know the position they are at, so a batch that is read twice changes nothing.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #live = new Map<string, Track>();
  readonly #rebuilds = new Map<string, Rebuild>();
  readonly #waiting = new Set<() => unknown>();
  #unreadable = 0;
  #opened = false;
  #wake = new AbortController();
  #woken = false;
  readonly #closing = new AbortController();

  constructor(options: ProjectorOptions) {
    this.#options = options;
  }

  /** Prepares the collections and finds where each projection stands. */
  async open(): Promise<void> {
    if (this.#opened) return;
    const { models, projections } = this.#options;
    await models.ensure({ name: pointers, indexes: [] });
    await models.ensure(parkedCollection);
    for (const of of projections) {
      const track = this.#track(of, await liveCollection(models, of));
      await track.open();
      track.parked = await countParked(models, of.name);
      this.#live.set(of.name, track);
    }
    this.#unreadable = await countParked(models, everyProjection);
    this.#opened = true;
  }

  /** Projects until the signal aborts; whatever fails is tried again. Throws Fenced when another projector has taken over. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    try {
      while (!signal.aborted) {
        const moved = await this.#try();
        failures = moved === "failed" ? failures + 1 : 0;
        if (moved === "failed") await this.#options.pause(backoff(failures), signal);
        else if (moved === "idle") await this.#idle(signal);
      }
    } finally {
      this.#closing.abort();
    }
  }

  /** One batch for every distinct position; true when any projection moved. */
  async step(): Promise<boolean> {
    await this.open();
    const groups = Map.groupBy(this.#tracks().filter((track) => !track.resting), (track) => track.position);
    const moved = await Promise.all([...groups].map(([position, tracks]) => this.#advance(position, tracks)));
    await this.#flip();
    for (const check of this.#waiting) check();
    return moved.includes(true);
  }

  /** Builds a projection anew beside the live one, and lets readers change over when it has caught up. Needs `run` or `step`. */
  async rebuild(name: string): Promise<void> {
    await this.open();
    const under = this.#rebuilds.get(name);
    if (under !== undefined) return under.done;
    const live = this.#live.get(name);
    if (live === undefined) throw new RangeError(`there is no projection ${name}`);
    const track = this.#track(live.projection, await nextCollection(this.#options.models, live));
    await track.open(true);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#rebuilds.set(name, { track, done: promise, finish: resolve });
    this.#rouse();
    return promise;
  }

  /** The position that a projection has reached, or all of them; empty before the first event. */
  positionOf(name?: string): string {
    const tracks = name === undefined ? [...this.#live.values()] : [this.#live.get(name)];
    return tracks.map((track) => track?.position ?? "").reduce((least, position) => (position < least ? position : least), tracks[0]?.position ?? "");
  }

  /** Whether every projection reaches a position in time. */
  async waitUntil(position: string, timeoutMs: number): Promise<boolean> {
    const reached = () => this.positionOf() >= position;
    if (reached()) return true;
    const waiting = new AbortController();
    const check = () => reached() && waiting.abort();
    this.#waiting.add(check);
    try {
      await this.#options.pause(timeoutMs, waiting.signal);
    } finally {
      this.#waiting.delete(check);
    }
    return reached();
  }

  /** How every projection stands. */
  status(): ProjectionStatus[] {
    return [...this.#live].map(([name, track]) =>
      ({ ...track.status(), parked: track.parked + this.#unreadable, rebuilding: this.#rebuilds.has(name) }));
  }

  #tracks = (): Track[] => [...this.#live.values(), ...[...this.#rebuilds.values()].map((rebuild) => rebuild.track)];

  #track(of: Projection, collection: string): Track {
    const { models, feed, epoch = 1 } = this.#options;
    return new Track(models, of, collection, { store_id: feed.storeId, epoch });
  }

  async #try(): Promise<"moved" | "idle" | "failed"> {
    try {
      return (await this.step()) ? "moved" : "idle";
    } catch (error) {
      if (error instanceof Fenced) throw error;
      for (const track of this.#live.values()) track.lastError = reasonOf(error);
      return "failed";
    }
  }

  async #idle(signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    const active = this.#tracks().filter((track) => !track.resting).map((track) => track.position);
    const least = active.reduce((low, position) => (position < low ? position : low), active[0] ?? this.positionOf());
    if (!this.#woken) await this.#options.feed.whenNewer(least, AbortSignal.any([signal, this.#wake.signal]));
    this.#woken = false;
  }

  #rouse(): void {
    this.#woken = true;
    this.#wake.abort();
  }

  async #advance(position: string, tracks: readonly Track[]): Promise<boolean> {
    const { models, feed, batch = 500 } = this.#options;
    const stored = await feed.readAfter(position, batch);
    const last = stored.at(-1)?.position;
    if (last === undefined) {
      await Promise.all(tracks.map((track) => this.#guarded(track, () => track.flush())));
      return false;
    }
    const { facts, parked } = await readable(models, stored);
    if (parked > 0) this.#unreadable = await countParked(models, everyProjection);
    await Promise.all(tracks.map((track) => this.#guarded(track, () => track.advance(facts, last, stored.length < batch))));
    return tracks.some((track) => track.position !== position);
  }

  // One projection that cannot write rests for a while and must not hold up the others.
  async #guarded(track: Track, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Fenced) throw error;
      track.fail(error);
      void this.#options.pause(backoff(track.failures), this.#closing.signal).then(() => {
        track.resting = false;
        this.#rouse();
      });
    }
  }

  async #flip(): Promise<void> {
    for (const [name, { track, finish }] of this.#rebuilds) {
      const live = this.#live.get(name);
      if (live === undefined || track.position < live.position || track.lastError !== null) continue;
      await track.flush();
      if (!(await pointTo(this.#options.models, track, live))) continue;
      this.#live.set(name, track);
      this.#rebuilds.delete(name);
      finish();
    }
  }
}
