import { Builds } from "./builds.ts";
import { countParked } from "./parked.ts";
import { establish, planNext, type Plan, planVersion, type Pointer, pointers } from "./pointer.ts";
import type { EventFeed, ReadModels } from "./ports.ts";
import { least } from "./positions.ts";
import { type Projection, versionOf } from "./projection.ts";
import { type Build, type ProjectionStatus, Track } from "./track.ts";

/** Where a collection beside the live one comes from: nothing, an earlier attempt that broke off, or what was live before. */
export type BuildFrom = "anew" | "resumed" | "previous";

/** What tracks need. */
export interface TracksOptions {
  readonly models: ReadModels;
  readonly feed: Pick<EventFeed, "storeId">;
  /** No process of another release can be there: readers always change over to this one's versions. */
  readonly alone?: boolean | undefined;
}

/** Projections that one owner has in its care at a time; the epoch grows with every owner and fences a former one. */
interface Care {
  readonly projections: readonly Projection[];
  readonly epoch: number;
}

/** The collections that a projector advances: live ones of its versions, and those that are to be live. */
export class Tracks {
  readonly #options: TracksOptions;
  readonly #care = new Map<string, Care>();
  readonly #live = new Map<string, Track>();
  readonly #builds: Builds;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: TracksOptions) {
    this.#options = options;
    this.#builds = new Builds(options.models, options.feed.storeId);
  }

  /** All that need not rest now. */
  get active(): Track[] {
    return [...this.#live.values(), ...this.#builds.tracks].filter((track) => !track.resting);
  }

  /** Those of live collections. */
  get live(): Iterable<Track> {
    return this.#live.values();
  }

  /** Takes projections into its care, and finds where each of them stands. */
  async adopt(projections: readonly Projection[], epoch: number): Promise<void> {
    const { models } = this.#options;
    const care = { projections, epoch };
    await models.ensure({ name: pointers, indexes: [] });
    for (const of of projections) await this.#enter(of, care, await establish(models, of));
    // Where readers would miss nothing they need not wait for the first batch.
    await this.changeOver();
  }

  /** Lets go of projections. */
  release(projections: readonly Projection[]): void {
    for (const { name } of projections) {
      this.#care.delete(name);
      this.#live.delete(name);
      this.#builds.forget(name);
    }
  }

  /** Lets go of all that another owner has taken over with a projection; answers whether anything is left. */
  fenced(name: string): boolean {
    this.release(this.#care.get(name)?.projections ?? []);
    return this.#care.size > 0;
  }

  // Another version's collection is for its own release to advance; this one's is filled beside it where it is to take its place.
  async #enter(of: Projection, care: Care, { version, live }: Pointer): Promise<void> {
    const { models, alone = false } = this.#options;
    if (version === of.version) {
      const track = await this.#track(of, care, { collection: live, kept: true });
      track.parked = await countParked(models, of.name);
      this.#live.set(of.name, track);
    } else if (alone || version < of.version) {
      const track = await this.#track(of, care, await planVersion(models, of));
      void this.#builds.add(track, (other) => other !== of.version && (alone || other < of.version));
    }
    this.#care.set(of.name, care);
  }

  /** Begins to bring a collection beside the live one up to date; what it answers settles when readers have changed over. */
  async begin(name: string, how: BuildFrom): Promise<{ readonly done: Promise<void> }> {
    const { models } = this.#options;
    const care = this.#care.get(name);
    const of = care?.projections.find((one) => one.name === name);
    if (care === undefined || of === undefined) throw new RangeError(`there is no projection ${name}`);
    const pointer = await establish(models, of);
    const plan = how === "previous" ? previousOf(of, pointer) : null;
    const running = this.#builds.done(name);
    if (running !== null) return { done: running };
    const track = await this.#track(of, care, plan ?? await planNext(models, of, how === "resumed"));
    return { done: this.#builds.add(track, (version) => version === pointer.version) };
  }

  /** Lets readers change over to what has caught up; answers whether they did. */
  changeOver(): Promise<boolean> {
    const changing = this.#changing.then(() => this.#builds.changeOver(this.#live));
    this.#changing = changing.catch(() => undefined);
    return changing;
  }

  /** Lets go of collections that another release's took the place of. */
  async review(): Promise<void> {
    if (this.#options.alone === true) return;
    const followed = [...this.#live];
    const found = await this.#options.models.getMany(pointers, followed.map(([name]) => name)) as unknown as Pointer[];
    for (const [name, track] of followed) {
      const pointer = found.find(({ _id }) => _id === name);
      if (pointer !== undefined && pointer.version !== track.projection.version && this.#live.get(name) === track) this.#live.delete(name);
    }
  }

  /** The position that a live collection has reached, or all of them; empty before the first event. */
  positionOf(name?: string): string {
    return name === undefined ? least([...this.#live.values()].map((track) => track.position)) : this.#live.get(name)?.position ?? "";
  }

  /** That of a projection's live collection. */
  of(name: string): Track | undefined {
    return this.#live.get(name);
  }

  /** What is built of a projection; null when nothing is. */
  build(name: string): Build | null {
    return this.#builds.of(name);
  }

  /** How each live collection stands, where so many events can be read by nobody. */
  status(unreadable: number): ProjectionStatus[] {
    return [...this.#live].map(([name, track]) => {
      const build = this.build(name);
      return { ...track.status(), parked: track.parked + unreadable, rebuilding: build !== null, build };
    });
  }

  async #track(of: Projection, { epoch }: Care, { collection, kept }: Plan): Promise<Track> {
    const { models, feed } = this.#options;
    const track = new Track(models, of, collection, { store_id: feed.storeId, epoch });
    await track.open(!kept);
    return track;
  }
}

function previousOf(of: Projection, { live, previous }: Pointer): Plan {
  if (previous === null || previous === live || versionOf(previous) !== of.version)
    throw new RangeError(`no collection of version ${of.version} was live before ${live}`);
  return { collection: previous, kept: true };
}
