import { countParked, everyProjection, mostCounted, parkedCollection, readable } from "./parked.ts";
import { Pace } from "./pace.ts";
import { backoff, longestRest } from "./pause.ts";
import { least } from "./positions.ts";
import type { ProjectorOptions } from "./projector-options.ts";
import type { Projection } from "./projection.ts";
import { ReadAhead } from "./read-ahead.ts";
import { reasonOf } from "./reason.ts";
import { type Build, Fenced, type ProjectionStatus, type Track } from "./track.ts";
import { type BuildFrom, Tracks } from "./tracks.ts";
import { Wake } from "./wake.ts";

/**
 * Feeds the log to the projections. Those at one position advance together; one that is behind catches up beside them.
 * Documents are written before the checkpoint, and know the position they are at, so a batch that is read twice changes nothing.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #tracks: Tracks;
  readonly #pace = new Pace();
  #unreadable = 0;
  #opening: Promise<void> | undefined;
  #stepping: Promise<unknown> = Promise.resolve();
  readonly #asked = new Map<string, Promise<void>>();
  readonly #wake = new Wake();
  readonly #closing = new AbortController();
  readonly #log: ReadAhead;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#tracks = new Tracks(options);
    this.#log = new ReadAhead(options.feed);
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
    const { projections = [], epoch = 1 } = this.#options;
    await this.adopt(projections, epoch);
  }

  /** Projects more, as their owner of an epoch; the answer ends that, and settles when nothing of it runs any more. */
  async adopt(projections: readonly Projection[], epoch: number): Promise<() => Promise<void>> {
    const { models } = this.#options;
    try {
      await models.ensure(parkedCollection);
      await this.#tracks.adopt(projections, epoch);
      this.#unreadable = await countParked(models, everyProjection);
    } catch (error) {
      this.#tracks.release(projections);
      throw error;
    }
    this.#wake.call();
    return async () => {
      this.#tracks.release(projections);
      await this.#stepping;
    };
  }

  /** Projects until the signal aborts; whatever fails is tried again. Throws Fenced when others have taken over all that it projects. */
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
  step(): Promise<boolean> {
    const stepping = this.#step();
    this.#stepping = stepping.catch(() => undefined);
    return stepping;
  }

  async #step(): Promise<boolean> {
    await this.open();
    this.#pace.look();
    const groups = Map.groupBy(this.#tracks.active, (track) => track.position);
    // All of them come to an end before anything is thrown: no track is ever advanced twice at once.
    const moved = await Promise.allSettled([...groups].map(([position, tracks]) => this.#advance(position, tracks)));
    const failed = moved.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (await this.#tracks.changeOver()) this.#unreadable = await countParked(this.#options.models, everyProjection);
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
    const { done } = await this.#tracks.begin(name, how);
    this.#wake.call();
    await done;
  }

  /** The position that a projection has reached, or all of them; empty before the first event. */
  positionOf(name?: string): string {
    return this.#tracks.positionOf(name);
  }

  /** Whether every projection reaches a position in time. */
  waitUntil(position: string, timeoutMs: number): Promise<boolean> {
    return this.#pace.wait(() => this.positionOf() >= position, timeoutMs, this.#options.pause);
  }

  /** How each projection stands whose live collection this one advances. */
  status(): ProjectionStatus[] {
    return this.#tracks.status(this.#unreadable);
  }

  /** A live collection that this one advances. */
  track(name: string): Pick<Track, "collection" | "position"> | undefined {
    return this.#tracks.of(name);
  }

  /** What is built of a projection; null when nothing is. */
  build(name: string): Build | null {
    return this.#tracks.build(name);
  }

  /** Lets go of collections that another release's took the place of. */
  review(): Promise<void> {
    return this.#tracks.review();
  }

  async #try(): Promise<"moved" | "idle" | "failed"> {
    try {
      return (await this.step()) ? "moved" : "idle";
    } catch (error) {
      if (error instanceof Fenced) {
        if (this.#tracks.fenced(error.projection)) return "moved";
        throw error;
      }
      for (const track of this.#tracks.live) track.lastError = reasonOf(error);
      return "failed";
    }
  }

  #idle(signal: AbortSignal): Promise<void> {
    const active = this.#tracks.active.map((track) => track.position);
    const { pause, feed } = this.#options;
    return this.#wake.wait(signal, (roused) => (active.length === 0 ? pause(longestRest, roused) : feed.whenNewer(least(active), roused)));
  }

  async #advance(position: string, tracks: readonly Track[]): Promise<boolean> {
    const { models, batch = 250 } = this.#options;
    const stored = await this.#log.readAfter(position, batch);
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
        this.#wake.call();
      });
    }
  }
}
