import { countParked, everyProjection, mostCounted, parkedCollection, readable } from "./parked.ts";
import { Pace } from "./pace.ts";
import { backoff, longestRest, type Pause } from "./pause.ts";
import { least } from "./positions.ts";
import { type BuildFrom, nextCollection, previousCollection, Rebuilds } from "./pointer.ts";
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
  /**
   * Lets other work of the process go on between two batches: embedded stores answer without ever yielding. At the head it may
   * rest a little, so that the next batch is worth its writes; the signal says that there is more to read, or somebody waits.
   */
  readonly breathe?: (hurry: AbortSignal) => Promise<void>;
}

/**
 * Feeds the log to the projections. Those at one position advance together; one that is behind catches up beside them.
 * Documents are written before the checkpoint, and know the position they are at, so a batch that is read twice changes nothing.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #live = new Map<string, Track>();
  readonly #rebuilds: Rebuilds;
  readonly #pace = new Pace();
  #unreadable = 0;
  #opening: Promise<void> | undefined;
  readonly #asked = new Map<string, Promise<void>>();
  #wake = new AbortController();
  #woken = false;
  readonly #closing = new AbortController();

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#rebuilds = new Rebuilds(options.models);
  }

  /** Prepares the collections and finds where each projection stands. */
  open(): Promise<void> {
    this.#opening ??= this.#prepare().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #prepare(): Promise<void> {
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
        else await this.#pace.rest(this.#options.breathe);
      }
    } finally {
      this.#closing.abort();
    }
  }

  /** One batch for every distinct position; true when any projection moved. */
  async step(): Promise<boolean> {
    await this.open();
    this.#pace.look();
    const groups = Map.groupBy(this.#active(), (track) => track.position);
    // All of them come to an end before anything is thrown: no track is ever advanced twice at once.
    const moved = await Promise.allSettled([...groups].map(([position, tracks]) => this.#advance(position, tracks)));
    const failed = moved.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (await this.#rebuilds.changeOver(this.#live)) this.#unreadable = await countParked(this.#options.models, everyProjection);
    this.#pace.moved();
    return moved.some((result) => result.status === "fulfilled" && result.value);
  }

  /** Brings a collection beside the live one up to date, and lets readers change over when it has caught up. Needs `run` or `step`. */
  rebuild(name: string, how: BuildFrom = "anew"): Promise<void> {
    const asked = this.#asked.get(name) ?? this.#rebuild(name, how).finally(() => this.#asked.delete(name));
    this.#asked.set(name, asked);
    return asked;
  }

  async #rebuild(name: string, how: BuildFrom): Promise<void> {
    await this.open();
    const live = this.#live.get(name);
    if (live === undefined) throw new RangeError(`there is no projection ${name}`);
    const { models } = this.#options;
    const collection = how === "previous" ? await previousCollection(models, live.projection) : await nextCollection(models, live);
    if (collection === null || collection === live.collection) throw new RangeError(`nothing was live before ${live.collection}`);
    const track = this.#track(live.projection, collection);
    await track.open(how === "anew");
    const done = this.#rebuilds.add(track);
    this.#rouse();
    await done;
  }

  /** The position that a projection has reached, or all of them; empty before the first event. */
  positionOf(name?: string): string {
    return name === undefined ? least([...this.#live.values()].map((track) => track.position)) : this.#live.get(name)?.position ?? "";
  }

  /** Whether every projection reaches a position in time. */
  waitUntil(position: string, timeoutMs: number): Promise<boolean> {
    return this.#pace.wait(() => this.positionOf() >= position, timeoutMs, this.#options.pause);
  }

  /** How every projection stands. */
  status(): ProjectionStatus[] {
    return [...this.#live].map(([name, track]) => {
      const build = this.#rebuilds.of(name);
      return { ...track.status(), parked: track.parked + this.#unreadable, rebuilding: build !== null, build };
    });
  }

  #active = (): Track[] => [...this.#live.values(), ...this.#rebuilds.tracks].filter((track) => !track.resting);

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
    const roused = AbortSignal.any([signal, this.#wake.signal]);
    const active = this.#active().map((track) => track.position);
    if (!this.#woken && active.length === 0) await this.#options.pause(longestRest, roused);
    else if (!this.#woken) await this.#options.feed.whenNewer(least(active), roused);
    this.#woken = false;
  }

  #rouse(): void {
    this.#woken = true;
    this.#wake.abort();
  }

  async #advance(position: string, tracks: readonly Track[]): Promise<boolean> {
    const { models, feed, batch = 250 } = this.#options;
    const stored = await feed.readAfter(position, batch);
    const last = stored.at(-1)?.position;
    if (last === undefined) {
      await this.#each(tracks, (track) => track.flush());
      return false;
    }
    this.#pace.read(stored.length, batch);
    const { facts, parked } = await readable(models, stored);
    if (parked > 0 && this.#unreadable < mostCounted) this.#unreadable = await countParked(models, everyProjection);
    await this.#each(tracks, (track) => track.advance(facts, last, stored.length < batch));
    return tracks.some((track) => track.position !== position);
  }

  // One projection that cannot write rests for a while and must not hold up the others.
  async #each(tracks: readonly Track[], work: (track: Track) => Promise<void>): Promise<void> {
    const results = await Promise.allSettled(tracks.map(work));
    for (const [index, result] of results.entries()) {
      const track = tracks[index];
      if (track === undefined || result.status === "fulfilled") continue;
      if (result.reason instanceof Fenced) throw result.reason;
      track.fail(result.reason);
      void this.#options.pause(backoff(track.failures), this.#closing.signal).then(() => {
        track.resting = false;
        this.#rouse();
      });
    }
  }
}
