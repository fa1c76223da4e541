import type { CollectionSpec, IndexSpec, Query } from "#projections/ports.ts";

const nameFormat = /^[\w-]{1,60}$/;

/** Names become identifiers of the database, so they are checked once, where a collection is declared. */
export function validCollection({ name, indexes }: CollectionSpec): void {
  const names = [name, ...indexes.flatMap((index) => [index.name, ...index.equals, index.sort])];
  const wrong = names.find((each) => !nameFormat.test(each));
  if (wrong !== undefined || name.startsWith("_")) throw new Error(`"${wrong ?? name}" is no name for a collection, an index or an indexed field.`);
}

/** The index that a query names, if its fields are those that the index was declared with. */
export function declaredIndex(collection: CollectionSpec, query: Query): IndexSpec {
  const index = collection.indexes.find(({ name }) => name === query.index);
  if (index === undefined) throw new Error(`${collection.name} declares no index ${query.index}.`);
  const given = query.equals ?? {};
  const missing = index.equals.find((field) => given[field] === undefined);
  if (missing !== undefined) throw new Error(`A query of ${collection.name}.${index.name} must give ${missing}.`);
  const extra = Object.keys(given).find((field) => !index.equals.includes(field));
  if (extra !== undefined) throw new Error(`${collection.name}.${index.name} does not serve ${extra}.`);
  if (query.tokens !== undefined && query.tokens.length > 0 && index.tokens !== true) {
    throw new Error(`${collection.name}.${index.name} serves no tokens.`);
  }
  if (!Number.isInteger(query.limit) || query.limit < 1) throw new Error("A query needs a limit of at least 1.");
  return index;
}
