import { randomUUID } from "node:crypto";
import { MongoBulkWriteError } from "mongodb";
import type { AnyBulkWriteOperation, Collection, Db } from "mongodb";
import { declaredIndex, validCollection } from "#infra/declared-indexes.ts";
import type { CollectionSpec, ReadModels, StoredDocument, WriteOperation } from "#projections/ports.ts";
import { duplicateKey, hasCode, isDuplicateKey, isMissing } from "./errors.ts";
import { gather } from "./gather.ts";
import { decodeKeys, encodeKeys } from "./keys.ts";
import { filtersFor, hintOf, keysOf, orderOf, tokensIndex } from "./read-models-query.ts";
import type { Stored } from "./read-models-query.ts";
import type { Turns } from "./turns.ts";

const byId = "_id_";
const namespaceExists = 48;
const otherForm = [85, 86];

/** The read models in a database. */
export function openReadModels(db: Db, turns: Turns): Omit<ReadModels, "health" | "close"> {
  const declared = db.collection<{ _id: string; spec: string }>("_collections");
  const checkpoints = db.collection<{ _id: string; position: string; store_id: string; epoch: number }>("_checkpoints");
  const specs = new Map<string, CollectionSpec>();

  const specOf = async (name: string): Promise<CollectionSpec> => {
    const known = specs.get(name);
    if (known !== undefined) return known;
    const stored = await declared.findOne({ _id: name }, { hint: byId });
    if (stored === null) throw new Error(`There is no collection ${name}.`);
    const spec = JSON.parse(stored.spec) as CollectionSpec;
    specs.set(name, spec);
    return spec;
  };
  const gets = new Map<string, (id: string) => Promise<Stored | null>>();
  const getOf = (name: string): ((id: string) => Promise<Stored | null>) => {
    const known = gets.get(name) ?? gather(async (ids) => byItsId(await (await collectionOf(name)).find({ _id: { $in: [...ids] } }, { hint: byId }).toArray()));
    gets.set(name, known);
    return known;
  };
  const checkpointOf = gather(async (names) => byItsId(await checkpoints.find({ _id: { $in: [...names] } }, { hint: byId }).toArray()));
  const collectionOf = async (name: string): Promise<Collection<Stored>> => db.collection<Stored>((await specOf(name)).name);

  return {
    async ensure(collection) {
      validCollection(collection);
      await createCollection(db, collection);
      const spec = JSON.stringify({ name: collection.name, indexes: collection.indexes });
      const save = (): Promise<unknown> => declared.updateOne({ _id: collection.name }, { $set: { spec } }, { upsert: true });
      // Two processes that start together may both insert.
      await save().catch((error: unknown) => (isDuplicateKey(error) ? save() : Promise.reject(error)));
      specs.set(collection.name, collection);
    },
    async get(collection, id) {
      const found = await getOf(collection)(id);
      return found === null ? null : documentOf(found);
    },
    async getMany(collection, ids) {
      const found = await (await collectionOf(collection)).find({ _id: { $in: [...ids] } }, { hint: byId }).toArray();
      const known = byItsId(found);
      return [...new Set(ids)].flatMap((id) => known.get(id) ?? []).map(documentOf);
    },
    async query(collection, query) {
      const spec = await specOf(collection);
      const index = declaredIndex(spec, query);
      const hint = query.tokens !== undefined && query.tokens.length > 0 ? tokensIndex(index) : hintOf(index);
      const result: StoredDocument[] = [];
      for (const filter of filtersFor(index, query)) {
        const limit = query.limit - result.length;
        if (limit === 0) break;
        const found = await db.collection<Stored>(spec.name).find(filter, { hint, limit, sort: orderOf(index, query) }).toArray();
        result.push(...found.map(documentOf));
      }
      return result;
    },
    async write(collection, operations) {
      if (operations.length === 0) return [];
      const target = await collectionOf(collection);
      return turns(collection, () => writeGuarded(target, operations));
    },
    async checkpoint(name) {
      const found = await checkpointOf(name);
      return found === null ? null : { name, position: found.position, store_id: found.store_id, epoch: found.epoch };
    },
    saveCheckpoint: ({ name, position, store_id, epoch }) => turns("_checkpoints", async () => {
      const advance = async (): Promise<boolean> =>
        (await checkpoints.updateOne({ _id: name, epoch: { $lte: epoch } }, { $set: { position, store_id, epoch } })).matchedCount === 1;
      if (await advance()) return true;
      try {
        await checkpoints.insertOne({ _id: name, position, store_id, epoch });
        return true;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return advance(); // it may have appeared between the two, with a lower epoch
      }
    }),
    async drop(collection) {
      validCollection({ name: collection, indexes: [] });
      specs.delete(collection);
      gets.delete(collection);
      await declared.deleteOne({ _id: collection });
      await db.collection(collection).drop().catch((error: unknown) => (isMissing(error) ? false : Promise.reject(error)));
    },
    async collections() {
      return (await declared.find({}, { hint: byId, sort: { _id: 1 } }).toArray()).map(({ _id }) => _id);
    },
  };
}

async function createCollection(db: Db, { name, indexes }: CollectionSpec): Promise<void> {
  await db.createCollection(name).catch((error: unknown) => (hasCode(error, namespaceExists) ? null : Promise.reject(error)));
  const wanted = indexes.flatMap((index) => [
    ...(hintOf(index) === byId ? [] : [{ name: index.name, key: keysOf(index, false) }]),
    ...(index.tokens === true ? [{ name: tokensIndex(index), key: keysOf(index, true) }] : []),
  ]);
  // One at a time: FerretDB 1 breaks off at a list of which it has some already.
  for (const index of wanted) await db.collection(name).createIndexes([index]).catch((error: unknown) => Promise.reject(drifted(error, name, index.name)));
}

/** A server refuses an index that it has in another form: somebody made that one, and only they may take it away. */
function drifted(error: unknown, collection: string, index: string): unknown {
  if (!hasCode(error, ...otherForm)) return error;
  return new Error(`The index ${index} of ${collection} is not as it was declared; drop it, and it is made anew at the next start: ${(error as Error).message}`, { cause: error });
}

/** One operation per document, unordered. Only when some did not hold is it read back which; `_w` tells by whom a document is. */
async function writeGuarded(collection: Collection<Stored>, operations: readonly WriteOperation[]): Promise<string[]> {
  const batch = randomUUID();
  const marks = operations.map((_, place) => `${batch}.${place}`);
  const bulk = operations.map(({ document, expected }, place): AnyBulkWriteOperation<Stored> => {
    const stored = { ...(encodeKeys(document) as Stored), _w: marks[place]! };
    return expected === null ? { insertOne: { document: stored } } : { replaceOne: { filter: { _id: stored._id, _v: expected }, replacement: stored } };
  });
  const applied = await collection.bulkWrite(bulk, { ordered: false }).then(({ insertedCount, matchedCount }) => insertedCount + matchedCount, afterDuplicates);
  if (applied === operations.length) return [];
  const ids = operations.map(({ document }) => document._id);
  const found = await collection.find({ _id: { $in: ids } }, { hint: byId, projection: { _w: 1 } }).toArray();
  const writers = new Map(found.map(({ _id, _w }) => [_id, _w]));
  return ids.filter((id, place) => writers.get(id) !== marks[place]);
}

/** Servers differ in what they count once an insert found its id taken, so nothing counts as applied then. */
function afterDuplicates(error: unknown): 0 {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const errors = [error.writeErrors].flat();
  if (errors.length === 0 || errors.some(({ code }) => code !== duplicateKey)) throw error;
  if (error.result.getWriteConcernError() !== undefined) throw error;
  return 0;
}

const byItsId = <T extends { readonly _id: string }>(found: readonly T[]): Map<string, T> => new Map(found.map((each) => [each._id, each]));

function documentOf({ _w, ...document }: Stored): StoredDocument {
  return decodeKeys(document) as StoredDocument;
}
