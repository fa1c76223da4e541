import type { Filter } from "mongodb";
import type { IndexSpec, Query } from "#projections/ports.ts";

/** A document as it is stored: `_w` names the write that it is from. */
export type Stored = Record<string, unknown> & { _id: string; _v: string; _w: string };

/** The keys of an index: equality first, then tokens, then what sorts, then the id, which makes every place unique. */
export function keysOf(index: IndexSpec, withTokens: boolean): Record<string, 1> {
  const fields = [...index.equals, ...(withTokens ? ["tokens"] : []), index.sort, "_id"];
  return Object.fromEntries(fields.map((field) => [field, 1]));
}

/** What a query names as its index. Every server has the one over ids alone, and calls it as it likes. */
export function hintOf(index: IndexSpec): string {
  return index.equals.length === 0 && index.sort === "_id" ? "_id_" : index.name;
}

/** An index over an array cannot sort documents without choosing a token: such queries have one of their own. */
export function tokensIndex(index: IndexSpec): string {
  return `${index.name}__tokens`;
}

/**
 * The filters that answer a query, to be asked in order until its limit is reached. There are two where a page crosses
 * between null and other values, so that each is one stretch of the index.
 */
export function filtersFor(index: IndexSpec, query: Query): Filter<Stored>[] {
  const { sort } = index;
  const clauses: Record<string, unknown>[] = index.equals.map((field) => ({ [field]: query.equals?.[field] ?? null }));
  if (query.tokens !== undefined && query.tokens.length > 0) clauses.push({ tokens: { $all: [...query.tokens] } });
  const from = query.range?.from ?? null;
  const to = query.range?.to ?? null;
  if (from !== null) clauses.push({ [sort]: { $gte: from } });
  if (to !== null) clauses.push({ [sort]: { $lt: to } });
  return pages(sort, query).map((page) => {
    const all = [...clauses, ...page];
    return (all.length === 0 ? {} : { $and: all }) as Filter<Stored>;
  });
}

function pages(sort: string, { after, descending }: Query): Record<string, unknown>[][] {
  if (after === undefined) return [[]];
  const [beyond, reached] = descending === true ? ["$lt", "$lte"] : ["$gt", "$gte"];
  const id = { _id: { [beyond]: after.id } };
  if (sort === "_id") return [[id]];
  if (after.value !== null) {
    const here = [{ [sort]: { [reached]: after.value } }, { $or: [{ [sort]: { [beyond]: after.value } }, { [sort]: after.value, ...id }] }];
    return descending === true ? [here, [{ [sort]: null }]] : [here];
  }
  const nulls = [{ [sort]: null }, id];
  return descending === true ? [nulls] : [nulls, [{ [sort]: { $ne: null } }]];
}

/** The order of a query's documents. */
export function orderOf(index: IndexSpec, query: Query): Record<string, 1 | -1> {
  const direction = query.descending === true ? -1 : 1;
  return { [index.sort]: direction, _id: direction };
}
