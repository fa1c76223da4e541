import type { Tail } from "#commands/tail.ts";
import { liveCollection } from "#projections/pointer.ts";
import type { ReadModels } from "#projections/ports.ts";
import { type Projection, versionOf } from "#projections/projection.ts";
import type { Reach } from "./reach.ts";

/** What it is judged by. */
export interface BeginningParts {
  readonly projections: readonly Projection[];
  readonly models: ReadModels;
  readonly reach: Reach;
  readonly tail: Tail;
  /** Where no other process can be there. */
  readonly alone: boolean;
}

/**
 * How far the read models must be before anything is read from them. While they are built from nothing, as after a restore or an
 * import, half of the log would pass for all of it: lists without an end, instances that there are not. What an old release left,
 * or a worker that is away, is another matter: it is whole, if old, and better than nothing.
 */
export class Beginning {
  readonly #parts: BeginningParts;
  #position: Promise<string> | undefined;

  constructor(parts: BeginningParts) {
    this.#parts = parts;
  }

  /** A position, as it was found when it was first asked for; empty where everything may be read. */
  async position(): Promise<string> {
    this.#position ??= this.#look();
    try {
      return await this.#position;
    } catch (error) {
      this.#position = undefined;
      throw error;
    }
  }

  async #look(): Promise<string> {
    const { projections, reach, tail, alone } = this.#parts;
    const { head } = tail;
    const reached = await Promise.all(projections.map((of) => reach.positionOf(of)));
    // One that a release brought may be far behind the others, and keeps nobody from those.
    if (reached.some((position) => position >= head)) return "";
    if (reached.every((position) => position === "")) return head;
    return alone && await this.#own() ? head : "";
  }

  /** Whether this release fills all that is read. */
  async #own(): Promise<boolean> {
    const { projections, models } = this.#parts;
    const live = await Promise.all(projections.map(async (of) => versionOf(await liveCollection(models, of)) === of.version));
    return live.every(Boolean);
  }
}
