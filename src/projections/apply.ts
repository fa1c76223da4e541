import { reasonOf } from "./reason.ts";
import type { Fact, Projection } from "./projection.ts";
import type { ReadModels, StoredDocument, WriteOperation } from "./ports.ts";
import { addToSums, type Change, changesOf } from "./sums.ts";

/** An event that a projection could not fold. */
export interface Misfit {
  readonly event: Fact;
  readonly reason: string;
}

interface Folded {
  readonly operation: WriteOperation | null;
  readonly misfits: readonly Misfit[];
  readonly changes: readonly Change[];
}

const maxAttempts = 10;

function foldAll(of: Projection, id: string, stored: StoredDocument | null, events: readonly Fact[]): Folded {
  let document: object | null = stored;
  let position = stored?._v ?? "";
  const misfits: Misfit[] = [];
  const changes: Change[] = [];
  for (const event of events) {
    if (event.position <= position) continue; // folded before a crash between documents and checkpoint
    try {
      const next = of.fold(document, event, id);
      if (next === null || next === document) continue;
      changes.push(...changesOf(of.sums, document, next, event.position));
      document = next;
      position = event.position;
    } catch (error) {
      misfits.push({ event, reason: reasonOf(error) });
    }
  }
  if (document === stored || document === null) return { operation: null, misfits, changes };
  return { operation: { document: { ...document, _id: id, _v: position }, expected: stored?._v ?? null }, misfits, changes };
}

function byDocument(of: Projection, events: readonly Fact[]): { keyed: Map<string, Fact[]>; misfits: Misfit[] } {
  const keyed = new Map<string, Fact[]>();
  const misfits: Misfit[] = [];
  for (const event of events) {
    try {
      for (const id of of.keysOf(event)) {
        const list = keyed.get(id);
        if (list === undefined) keyed.set(id, [event]);
        else list.push(event);
      }
    } catch (error) {
      misfits.push({ event, reason: reasonOf(error) });
    }
  }
  return { keyed, misfits };
}

/**
 * Folds a batch into a collection: one read for all documents, one guarded write each.
 * A guard that fails means that another projector wrote: those documents are read and folded again. What the documents change in
 * sums is written before them.
 */
export async function applyBatch(models: ReadModels, collection: string, of: Projection, events: readonly Fact[]): Promise<Misfit[]> {
  const { keyed, misfits } = byDocument(of, events);
  let pending = [...keyed.keys()];
  for (let attempt = 0; pending.length > 0; attempt++) {
    if (attempt === maxAttempts) throw new Error(`${collection}: ${pending.length} documents keep changing under the projector`);
    const stored = new Map((await models.getMany(collection, pending)).map((document) => [document._id, document]));
    const folded = pending.map((id) => foldAll(of, id, stored.get(id) ?? null, keyed.get(id) ?? []));
    if (attempt === 0) misfits.push(...folded.flatMap((one) => one.misfits));
    await addToSums(models, collection, folded.flatMap(({ changes }) => changes));
    const operations = folded.flatMap(({ operation }) => (operation === null ? [] : [operation]));
    pending = operations.length === 0 ? [] : await models.write(collection, operations);
  }
  return misfits;
}
