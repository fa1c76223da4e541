import type { Query } from "#projections/ports.ts";
import type { Projection } from "#projections/projection.ts";
import type { Read } from "#projections/reader.ts";
import type { RestContext } from "./context.ts";
import type { Place } from "./cursors.ts";

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

/** Documents that are kept, up to one more than the page holds, and where to go on when the reading was cut short. */
async function gather<D extends object>(reader: RestContext["services"]["readModels"]["reader"], of: Projection<D>, from: Place | undefined, asked: PageRequest<D>, placeOf: (document: Read<D>) => Place) {
  const { limit, query, keep = () => true } = asked;
  const size = asked.keep === undefined ? limit + 1 : Math.max(limit + 1, leastSieved);
  const documents: Read<D>[] = [];
  let after = from;
  for (let batches = 0; batches < mostBatches; batches += 1) {
    const batch = await reader.query(of, { ...query, limit: size, ...(after === undefined ? {} : { after }) });
    documents.push(...batch.filter(keep));
    const last = batch.at(-1);
    if (documents.length > limit || last === undefined || batch.length < size) return { documents, cut: undefined };
    after = placeOf(last);
  }
  return { documents, cut: after };
}

/** Reads one page of a declared query. */
export async function readPage<D extends object>(context: RestContext, of: Projection<D>, asked: PageRequest<D>): Promise<Page<D>> {
  const { pages, services } = context;
  const list = JSON.stringify([of.name, asked.query]);
  const sort = of.indexes.find((index) => index.name === asked.query.index)?.sort ?? "_id";
  const placeOf = (document: Read<D>): Place => ({ value: ((document as Readonly<Record<string, unknown>>)[sort] ?? null) as string | null, id: document._id });
  const from = asked.cursor === undefined ? undefined : pages.read(list, asked.cursor);
  const { documents, cut } = await gather(services.readModels.reader, of, from, asked, placeOf);
  const shown = documents.slice(0, asked.limit);
  const end = shown.at(-1);
  const next = documents.length > asked.limit && end !== undefined ? placeOf(end) : cut;
  return { documents: shown, next_cursor: next === undefined ? null : pages.write(list, next) };
}
