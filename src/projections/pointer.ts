import { collectionName, type Projection } from "./projection.ts";
import type { ReadModels } from "./ports.ts";
import { liveCollection, type Pointer, pointers } from "./reader.ts";
import type { Build, Track } from "./track.ts";

const pointerOf = async (models: ReadModels, name: string): Promise<Pointer | null> => (await models.get(pointers, name)) as Pointer | null;

/** Where a collection beside the live one comes from: nothing, an earlier attempt that broke off, or what was live before. */
export type BuildFrom = "anew" | "resumed" | "previous";

/** The collection that was live before; null when there is none. */
export async function previousCollection(models: ReadModels, of: Projection): Promise<string | null> {
  const pointer = await pointerOf(models, of.name);
  return pointer?.version === of.version ? pointer.previous : null;
}

/** Removes the collection that was live before: its readers are long gone. Answers its name, or null when there is none. */
export async function dropPrevious(models: ReadModels, of: Projection): Promise<string | null> {
  const pointer = await pointerOf(models, of.name);
  const previous = pointer?.previous ?? null;
  if (pointer === null || previous === null || previous === await liveCollection(models, of)) return null;
  const document = { ...pointer, _v: String(Number(pointer._v) + 1), previous: null };
  // First the pointer: a name that nothing is behind must not be there to be switched to.
  if ((await models.write(pointers, [{ document, expected: pointer._v }])).length > 0) return null;
  await models.drop(previous);
  return previous;
}

/** The name of the collection to build beside the live one. */
export async function nextCollection(models: ReadModels, live: Track): Promise<string> {
  await dropPrevious(models, live.projection);
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

  /** What is being built of a projection; null when nothing is. */
  of(name: string): Build | null {
    const track = this.#running.get(name)?.track;
    return track === undefined ? null : { collection: track.collection, position: track.position, events: track.events };
  }

  /** Resolves when readers have changed over to the track's collection. */
  add(track: Track): Promise<void> {
    return new Promise((finish) => this.#running.set(track.projection.name, { track, finish }));
  }

  /** Makes those live that have caught up with the live ones; answers whether there were any. */
  async changeOver(live: Map<string, Track>): Promise<boolean> {
    let changed = false;
    for (const [name, { track, finish }] of this.#running) {
      const present = live.get(name);
      if (present === undefined || track.position < present.position || track.lastError !== null) continue;
      await track.flush();
      if (!(await pointTo(this.#models, track, present))) continue;
      live.set(name, track);
      this.#running.delete(name);
      changed = true;
      finish();
    }
    return changed;
  }
}
