import type { SQLInputValue } from "node:sqlite";
import type { CollectionSpec, IndexSpec, IndexValue, Query } from "#projections/ports.ts";

/** A SELECT with its values. */
export interface Select {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** The expression that the declared indexes are built on; a query must spell it identically to be served by them. */
export function fieldExpression(field: string): string {
  return `json_extract(doc, '$."${field}"')`;
}

/** JSON booleans come out of json_extract as 1 and 0. */
function bindable(value: IndexValue): SQLInputValue {
  return typeof value === "boolean" ? Number(value) : value;
}

/**
 * The selects that answer a query, to be run in order until its limit is reached. There are two where a page crosses
 * between null and other values: one condition over both would keep SQLite from seeking in the index.
 */
export function selectsFor(collection: CollectionSpec, index: IndexSpec, query: Query): Select[] {
  const sort = fieldExpression(index.sort);
  const where: string[] = [];
  const values: SQLInputValue[] = [];
  for (const field of index.equals) {
    where.push(`${fieldExpression(field)} IS ?`);
    values.push(bindable(query.equals?.[field] ?? null));
  }
  const from = query.range?.from ?? null;
  const to = query.range?.to ?? null;
  if (from !== null) {
    where.push(`${sort} >= ?`);
    values.push(bindable(from));
  }
  if (to !== null) {
    where.push(`${sort} < ?`);
    values.push(bindable(to));
  }
  for (const token of query.tokens ?? []) {
    where.push(`id IN (SELECT id FROM "${collection.name}.tokens" WHERE token = ?)`);
    values.push(token);
  }
  const order = query.descending === true ? "DESC" : "ASC";
  const select = (conditions: readonly string[], more: readonly SQLInputValue[]): Select => {
    const all = [...where, ...conditions];
    const condition = all.length === 0 ? "" : ` WHERE ${all.join(" AND ")}`;
    return { sql: `SELECT doc FROM "${collection.name}"${condition} ORDER BY ${sort} ${order}, id ${order} LIMIT ?`, values: [...values, ...more] };
  };
  return pages(sort, query).map(({ conditions, more }) => select(conditions, more));
}

function pages(sort: string, query: Query): { conditions: string[]; more: SQLInputValue[] }[] {
  const { after } = query;
  if (after === undefined) return [{ conditions: [], more: [] }];
  const compare = query.descending === true ? "<" : ">";
  if (after.value !== null) {
    const here = { conditions: [`(${sort}, id) ${compare} (?, ?)`], more: [bindable(after.value), after.id] };
    return query.descending === true ? [here, { conditions: [`${sort} IS NULL`], more: [] }] : [here];
  }
  const nulls = { conditions: [`${sort} IS NULL`, `id ${compare} ?`], more: [after.id] };
  return query.descending === true ? [nulls] : [nulls, { conditions: [`${sort} IS NOT NULL`], more: [] }];
}
