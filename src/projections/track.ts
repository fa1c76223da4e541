import { applyBatch } from "./apply.ts";
import { park } from "./parked.ts";
import type { Checkpoint, ReadModels } from "./ports.ts";
import { reasonOf } from "./reason.ts";
import { collectionSpec, type Fact, type Projection } from "./projection.ts";

/** Another projector with a higher epoch has taken over. */
export class Fenced extends Error {
  override readonly name = "Fenced";
  readonly projection: string;

  constructor(projection: string, collection: string) {
    super(`${collection}: another projector has taken over`);
    this.projection = projection;
  }
}

/** A collection that is being built. */
export type Build = Pick<ProjectionStatus, "collection" | "position" | "events" | "last_error">;

/** How one projection stands. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly collection: string;
  readonly position: string;
  readonly events: number;
  readonly parked: number;
  readonly rebuilding: boolean;
  /** The collection that is being built beside the live one. */
  readonly build: Build | null;
  readonly last_error: string | null;
}

/** One projection on its way through the log, into one collection. */
export class Track {
  readonly projection: Projection;
  readonly collection: string;
  position = "";
  /** Events looked at since this process began. */
  events = 0;
  parked = 0;
  lastError: string | null = null;
  /** Failures in a row. */
  failures = 0;
  /** Waits before it tries again. */
  resting = false;
  readonly #models: ReadModels;
  readonly #base: Pick<Checkpoint, "store_id" | "epoch">;
  #saved = "";

  constructor(models: ReadModels, projection: Projection, collection: string, base: Pick<Checkpoint, "store_id" | "epoch">) {
    this.#models = models;
    this.projection = projection;
    this.collection = collection;
    this.#base = base;
  }

  /** Continues at the checkpoint; a checkpoint of another log means that the documents tell of other events. */
  async open(fresh = false): Promise<void> {
    const checkpoint = await this.#models.checkpoint(this.collection);
    if (fresh || (checkpoint !== null && checkpoint.store_id !== this.#base.store_id)) await this.#models.drop(this.collection);
    else this.position = checkpoint?.position ?? "";
    await this.#models.ensure(collectionSpec(this.projection, this.collection));
    await this.#save();
  }

  /** Folds a batch that begins after the track's position and ends at `last`. */
  async advance(events: readonly Fact[], last: string, atHead: boolean): Promise<void> {
    const mine = events.filter((event) => this.projection.handles.has(event.type));
    for (const { event, reason } of await applyBatch(this.#models, this.collection, this.projection, mine)) {
      await park(this.#models, this.projection.name, event, reason);
      this.parked += 1;
    }
    this.position = last;
    this.events += events.length;
    // Between saves only ignored events are read again after a crash; at the head others wait for the stored position.
    if (mine.length > 0 || atHead) await this.#save();
    this.#recovered();
  }

  /** Notes a failure; the track rests until somebody rouses it. */
  fail(error: unknown): void {
    this.lastError = reasonOf(error);
    this.failures += 1;
    this.resting = true;
  }

  /** Makes the stored position that of the track. */
  async flush(): Promise<void> {
    if (this.#saved !== this.position) await this.claim();
    else this.#recovered();
  }

  /** Stores the position even where it is stored: whoever stood still and was replaced is fenced by it before readers go where it was. */
  async claim(): Promise<void> {
    await this.#save();
    this.#recovered();
  }

  /** How it stands. */
  status(): Omit<ProjectionStatus, "rebuilding" | "build"> {
    const { projection: { name, version }, collection, position, events, parked, lastError } = this;
    return { name, version, collection, position, events, parked, last_error: lastError };
  }

  #recovered(): void {
    this.lastError = null;
    this.failures = 0;
  }

  async #save(): Promise<void> {
    const { position } = this;
    if (!(await this.#models.saveCheckpoint({ name: this.collection, position, ...this.#base })))
      throw new Fenced(this.projection.name, this.collection);
    this.#saved = position;
  }
}
