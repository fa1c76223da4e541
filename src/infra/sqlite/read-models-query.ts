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
  const { from = null, to = null } = query.range ?? {};
  for (const [compare, bound] of [[">=", from], ["<", to]] as const) {
    if (bound === null) continue;
    where.push(`${sort} ${compare} ?`);
    values.push(bindable(bound));
  }
  for (const token of query.tokens ?? []) {
    where.push(`id IN (SELECT id FROM "${collection.name}.tokens" WHERE token = ?)`);
    values.push(token);
  }
  const order = query.descending === true ? "DESC" : "ASC";
  return pages(sort, query).map((page) => {
    const condition = ["TRUE", ...where, ...page.conditions].join(" AND ");
    // Where every sort value is null, naming it would cost a sorting step.
    const by = page.conditions[0] === `${sort} IS NULL` ? `id ${order}` : `${sort} ${order}, id ${order}`;
    return { sql: `SELECT doc FROM "${collection.name}" WHERE ${condition} ORDER BY ${by} LIMIT ?`, values: [...values, ...page.values] };
  });
}

function pages(sort: string, query: Query): { conditions: string[]; values: SQLInputValue[] }[] {
  const { after } = query;
  if (after === undefined) return [{ conditions: [], values: [] }];
  const compare = query.descending === true ? "<" : ">";
  if (after.value !== null) {
    // The first condition follows from the second, but only the first is one that an index over an expression can seek.
    const value = bindable(after.value);
    const here = { conditions: [`${sort} ${compare}= ?`, `(${sort}, id) ${compare} (?, ?)`], values: [value, value, after.id] };
    return query.descending === true ? [here, { conditions: [`${sort} IS NULL`], values: [] }] : [here];
  }
  const nulls = { conditions: [`${sort} IS NULL`, `id ${compare} ?`], values: [after.id] };
  return query.descending === true ? [nulls] : [nulls, { conditions: [`${sort} IS NOT NULL`], values: [] }];
}
