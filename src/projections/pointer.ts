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

/** Lets readers change over to a track's collection; false when another projector did so meanwhile. */
export async function pointTo(models: ReadModels, next: Track, live: Track): Promise<boolean> {
  const { name, version } = live.projection;
  const before = await models.get(pointers, name);
  const document = {
    _id: name, _v: String(Number(before?._v ?? "0") + 1), version, live: next.collection, previous: live.collection,
  };
  return (await models.write(pointers, [{ document, expected: before?._v ?? null }])).length === 0;
}
