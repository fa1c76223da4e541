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

/** Reads one page of a declared query. */
export async function readPage<D extends object>(context: RestContext, of: Projection<D>, asked: PageRequest<D>): Promise<Page<D>> {
  const { limit, cursor, query, keep } = asked;
  const list = JSON.stringify([of.name, query]);
  const sort = of.indexes.find((index) => index.name === query.index)?.sort ?? "_id";
  const placeOf = (document: Read<D>) => ({ value: ((document as Readonly<Record<string, unknown>>)[sort] ?? null) as string | null, id: document._id });
  let after = cursor === undefined ? undefined : context.pages.read(list, cursor);
  const documents: Read<D>[] = [];
  for (;;) {
    const batch = await context.services.readModels.reader.query(of, { ...query, limit: limit + 1, ...(after === undefined ? {} : { after }) });
    documents.push(...(keep === undefined ? batch : batch.filter(keep)));
    const last = batch.at(-1);
    if (documents.length > limit || last === undefined || batch.length <= limit) break;
    after = placeOf(last);
  }
  const shown = documents.slice(0, limit);
  const end = shown.at(-1);
  return { documents: shown, next_cursor: documents.length > limit && end !== undefined ? context.pages.write(list, placeOf(end)) : null };
}
