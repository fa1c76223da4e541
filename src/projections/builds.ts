import { isNamed, type Pointer, pointerOf, pointTo } from "./pointer.ts";
import type { ReadModels } from "./ports.ts";
import type { Build, Track } from "./track.ts";

interface Running {
  readonly track: Track;
  /** Whether readers of a version are to change over to it. */
  readonly replaces: (version: number) => boolean;
  readonly finish: () => void;
  readonly done: Promise<void>;
  /** Where the live collection stood when it was last looked at, by its checkpoint. */
  target: string;
}

/** Collections that are being built beside the live ones. */
export class Builds {
  readonly #models: ReadModels;
  readonly #storeId: string;
  readonly #running = new Map<string, Running>();

  constructor(models: ReadModels, storeId: string) {
    this.#models = models;
    this.#storeId = storeId;
  }

  /** The tracks that build them. */
  get tracks(): Track[] {
    return [...this.#running.values()].map(({ track }) => track);
  }

  /** What is being built of a projection; null when nothing is. */
  of(name: string): Build | null {
    const track = this.#running.get(name)?.track;
    return track === undefined ? null : { collection: track.collection, position: track.position, events: track.events, last_error: track.lastError };
  }

  /** Settles when readers have changed over to what is being built of a projection; null when nothing is. */
  done(name: string): Promise<void> | null {
    return this.#running.get(name)?.done ?? null;
  }

  /** Resolves when readers have changed over to the track's collection, or never will. */
  add(track: Track, replaces: Running["replaces"]): Promise<void> {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    this.#running.set(track.projection.name, { track, replaces, finish, done, target: "" });
    return done;
  }

  /** Builds nothing of a projection any more. */
  forget(name: string): void {
    this.#running.get(name)?.finish();
    this.#running.delete(name);
  }

  /** Makes those live that have caught up with the live ones; answers whether there were any. */
  async changeOver(live: Map<string, Track>): Promise<boolean> {
    let changed = false;
    for (const [name, running] of this.#running) {
      const { track, finish } = running;
      if (track.lastError !== null || track.position < (live.get(name)?.position ?? running.target)) continue;
      const outcome = await this.#replace(running, live.get(name));
      if (outcome === "behind" || this.#running.get(name) !== running) continue;
      if (outcome === "replaced") live.set(name, track);
      changed ||= outcome === "replaced";
      this.#running.delete(name);
      finish();
    }
    return changed;
  }

  // Whoever changed the pointer meanwhile may have changed what there is to catch up with.
  async #replace(running: Running, present: Track | undefined): Promise<"replaced" | "behind" | "pointless"> {
    const { track, replaces } = running;
    for (;;) {
      const pointer = await pointerOf(this.#models, track.projection.name);
      if (pointer === null) return "pointless";
      if (!replaces(pointer.version)) {
        if (!isNamed(pointer, track.collection)) await this.#models.drop(track.collection);
        return "pointless";
      }
      running.target = await this.#stands(pointer, present);
      if (track.position < running.target) return "behind";
      await track.claim();
      if (await pointTo(this.#models, pointer, track.projection, track.collection)) return "replaced";
    }
  }

  // What another release's process advances is known by its checkpoint; one of another log is nothing that readers would miss.
  async #stands({ live }: Pointer, present: Track | undefined): Promise<string> {
    if (present?.collection === live) return present.position;
    const checkpoint = await this.#models.checkpoint(live);
    return checkpoint?.store_id === this.#storeId ? checkpoint.position : "";
  }
}
