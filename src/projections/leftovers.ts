import { isNamed, type Pointer, pointers } from "./pointer.ts";
import type { ReadModels } from "./ports.ts";
import { type Projection, versionOf } from "./projection.ts";

/** A collection that nobody is to use any more. */
export interface Leftover {
  readonly name: string;
  readonly version: number;
  readonly collection: string;
}

/**
 * Collections that no pointer names, of versions that readers have gone past: releases that were given up have left them half filled.
 * Readers never go over to a version below theirs, so whoever still filled one would find it pointless. Those of higher versions stay,
 * since their release may come back to them; a first version never was filled beside another.
 */
export async function leftovers(models: Pick<ReadModels, "collections" | "getMany">, projections: readonly Projection[]): Promise<Leftover[]> {
  const there = await models.collections();
  const found = (await models.getMany(pointers, projections.map(({ name }) => name))) as unknown as Pointer[];
  return found.flatMap((pointer) =>
    there.filter((collection) => collection.startsWith(`${pointer._id}__v`) && !isNamed(pointer, collection))
      .map((collection) => ({ name: pointer._id, version: versionOf(collection), collection }))
      .filter(({ version }) => version > 1 && version < pointer.version));
}
