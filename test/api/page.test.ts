import { expect, test } from "@jest/globals";
import type { RestContext } from "#api/rest/context.ts";
import { PageCursors } from "#api/rest/cursors.ts";
import { readPage } from "#api/rest/page.ts";
import type { Query } from "#projections/ports.ts";
import { instances } from "#projections/instances.ts";

/** A read model of so many documents, sorted by their number. */
function listOf(count: number) {
  const all = Array.from({ length: count }, (_, at) => ({ _id: `i${at}`, created_at: String(at).padStart(6, "0") }));
  let queries = 0;
  const query = async (_of: unknown, { after, limit }: Query) => {
    queries += 1;
    const first = after === undefined ? 0 : all.findIndex(({ created_at }) => created_at > String(after.value));
    return first < 0 ? [] : all.slice(first, first + limit);
  };
  const context = { pages: new PageCursors("secret"), services: { readModels: { reader: { query } } } } as unknown as RestContext;
  return { context, queries: () => queries };
}

async function walk(context: RestContext, limit: number, keep?: (document: { readonly _id: string }) => boolean) {
  const pages: string[][] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await readPage(context, instances, { limit, cursor, keep, query: { index: "by_customer", equals: { customer_id: "c" } } });
    pages.push(page.documents.map(({ _id }) => _id));
    cursor = page.next_cursor;
  }
  return pages;
}

test("pages hold every document once, in order", async () => {
  const { context } = listOf(45);
  const pages = await walk(context, 20);
  expect(pages.map(({ length }) => length)).toEqual([20, 20, 5]);
  expect(pages.flat()).toEqual(Array.from({ length: 45 }, (_, at) => `i${at}`));
});

test("what is left out costs no place on a page, and no request reads more than a bounded number of documents", async () => {
  const { context, queries } = listOf(10_000);
  const kept = new Set(["i5", "i150", "i9990"]);
  const first = await readPage(context, instances, { limit: 2, keep: ({ _id }) => kept.has(_id), query: { index: "by_customer", equals: { customer_id: "c" } } });
  expect([first.documents.map(({ _id }) => _id), queries()]).toEqual([["i5", "i150"], 20]);
  expect((await walk(context, 2, ({ _id }) => kept.has(_id))).flat()).toEqual([...kept]);
});
