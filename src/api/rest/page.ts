import type { Query } from "#projections/ports.ts";
import type { Projection } from "#projections/projection.ts";
import type { Read } from "#projections/reader.ts";
import type { RestContext } from "./context.ts";

/** What a page is asked for with. */
export interface PageRequest<D> {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly query: Omit<Query, "limit" | "after">;
  /** Leaves documents out. */
  readonly keep?: ((document: Read<D>) => boolean) | undefined;
}

/** Documents of a page, and where the next one begins. */
export interface Page<D> {
  readonly documents: readonly Read<D>[];
  readonly next_cursor: string | null;
}

const leastSieved = 100;
/** Where nearly everything is left out, a page ends early rather than read it all; its cursor goes on from there. */
const mostBatches = 20;

/** Reads one page of a declared query. */
export async function readPage<D extends object>(context: RestContext, of: Projection<D>, asked: PageRequest<D>): Promise<Page<D>> {
  const { limit, cursor, query, keep } = asked;
  const list = JSON.stringify([of.name, query]);
  const sort = of.indexes.find((index) => index.name === query.index)?.sort ?? "_id";
  const placeOf = (document: Read<D>) => ({ value: ((document as Readonly<Record<string, unknown>>)[sort] ?? null) as string | null, id: document._id });
  let after = cursor === undefined ? undefined : context.pages.read(list, cursor);
  const documents: Read<D>[] = [];
  const size = keep === undefined ? limit + 1 : Math.max(limit + 1, leastSieved);
  for (let batches = 1; ; batches += 1) {
    const batch = await context.services.readModels.reader.query(of, { ...query, limit: size, ...(after === undefined ? {} : { after }) });
    documents.push(...(keep === undefined ? batch : batch.filter(keep)));
    const last = batch.at(-1);
    if (documents.length > limit || last === undefined || batch.length < size) break;
    after = placeOf(last);
    if (batches === mostBatches) return { documents, next_cursor: context.pages.write(list, after) };
  }
  const shown = documents.slice(0, limit);
  const end = shown.at(-1);
  return { documents: shown, next_cursor: documents.length > limit && end !== undefined ? context.pages.write(list, placeOf(end)) : null };
}
