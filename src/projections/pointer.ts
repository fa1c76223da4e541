import { collectionName } from "./projection.ts";
import type { ReadModels } from "./ports.ts";
import { type Pointer, pointers } from "./reader.ts";
import type { Track } from "./track.ts";

/** The name of the collection to build beside the live one; what was live before that is dropped, its readers are long gone. */
export async function nextCollection(models: ReadModels, live: Track): Promise<string> {
  const pointer = (await models.get(pointers, live.projection.name)) as Pointer | null;
  const previous = pointer?.previous ?? null;
  if (previous !== null && previous !== live.collection) await models.drop(previous);
  const base = collectionName(live.projection);
  const number = Number(live.collection.slice(base.length + 1) || "0") + 1;
  return `${base}_${number}`;
}

// False when another projector did so meanwhile.
async function pointTo(models: ReadModels, next: Track, live: Track): Promise<boolean> {
  const { name, version } = live.projection;
  const before = await models.get(pointers, name);
  const document = {
    _id: name, _v: String(Number(before?._v ?? "0") + 1), version, live: next.collection, previous: live.collection,
  };
  return (await models.write(pointers, [{ document, expected: before?._v ?? null }])).length === 0;
}

/** Collections that are being built beside the live ones. */
export class Rebuilds {
  readonly #models: ReadModels;
  readonly #running = new Map<string, { readonly track: Track; readonly finish: () => void }>();

  constructor(models: ReadModels) {
    this.#models = models;
  }

  /** The tracks that build them. */
  get tracks(): Track[] {
    return [...this.#running.values()].map(({ track }) => track);
  }

  /** Whether a projection is being rebuilt. */
  has = (name: string): boolean => this.#running.has(name);

  /** Resolves when readers have changed over to the track's collection. */
  add(track: Track): Promise<void> {
    return new Promise((finish) => this.#running.set(track.projection.name, { track, finish }));
  }

  /** Makes those live that have caught up with the live ones. */
  async changeOver(live: Map<string, Track>): Promise<void> {
    for (const [name, { track, finish }] of this.#running) {
      const present = live.get(name);
      if (present === undefined || track.position < present.position || track.lastError !== null) continue;
      await track.flush();
      if (!(await pointTo(this.#models, track, present))) continue;
      live.set(name, track);
      this.#running.delete(name);
      finish();
    }
  }
}
