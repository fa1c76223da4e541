import { declaredIndex, validCollection } from "#infra/declared-indexes.ts";
import type { CollectionSpec, ReadModels, StoredDocument, WriteOperation } from "#projections/ports.ts";
import { type GuardedWrite, writeGuarded } from "./guarded-write.ts";
import { openSqliteFile } from "./read-models-file.ts";
import type { Row, SqliteFile } from "./read-models-file.ts";
import { fieldExpression, selectsFor } from "./read-models-query.ts";
import { WriteThread } from "./write-thread.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS _collections (name TEXT PRIMARY KEY, spec TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS _checkpoints (name TEXT PRIMARY KEY, position TEXT NOT NULL, store_id TEXT NOT NULL, epoch INTEGER NOT NULL);
`;

const saveSql = `INSERT INTO _checkpoints (name, position, store_id, epoch) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
  SET position = excluded.position, store_id = excluded.store_id, epoch = excluded.epoch WHERE excluded.epoch >= epoch`;

/** Read models in a SQLite file, or in ":memory:". */
export function openSqliteReadModels(path: string): ReadModels {
  const file = openSqliteFile(path, "NORMAL");
  file.exec(schema);
  const thread = path === ":memory:" ? null : new WriteThread(path);
  const written = async (writes: readonly GuardedWrite[]): Promise<readonly boolean[]> =>
    await (thread?.add(writes) ?? file.transaction(() => writeGuarded(file, writes)));
  const specs = new Map<string, CollectionSpec>();

  const specOf = (name: string): CollectionSpec => {
    const known = specs.get(name);
    if (known !== undefined) return known;
    const row = file.first("SELECT spec FROM _collections WHERE name = ?", name);
    if (row === undefined) throw new Error(`There is no collection ${name}.`);
    const spec = JSON.parse(String(row["spec"])) as CollectionSpec;
    specs.set(name, spec);
    return spec;
  };

  return {
    async ensure(collection) {
      validCollection(collection);
      file.transaction(() => createCollection(file, collection));
      specs.set(collection.name, collection);
    },
    async get(collection, id) {
      const row = file.first(`SELECT doc FROM "${specOf(collection).name}" WHERE id = ?`, id);
      return row === undefined ? null : documentOf(row);
    },
    async getMany(collection, ids) {
      const rows = file.all(`SELECT doc FROM "${specOf(collection).name}" WHERE id IN (SELECT value FROM json_each(?))`, JSON.stringify(ids));
      const found = new Map(rows.map(documentOf).map((document) => [document._id, document]));
      return [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
    },
    async query(collection, query) {
      const spec = specOf(collection);
      const index = declaredIndex(spec, query);
      const result: StoredDocument[] = [];
      for (const { sql, values } of selectsFor(spec, index, query)) {
        if (result.length >= query.limit) break;
        result.push(...file.all(sql, ...values, query.limit - result.length).map(documentOf));
      }
      return result;
    },
    async write(collection, operations) {
      const spec = specOf(collection);
      const changed = await written(operations.map((operation) => guarded(spec, operation)));
      return operations.filter((_, index) => changed[index] !== true).map(({ document }) => document._id);
    },
    async checkpoint(name) {
      const row = file.first("SELECT * FROM _checkpoints WHERE name = ?", name);
      return row === undefined ? null : { name, position: String(row["position"]), store_id: String(row["store_id"]), epoch: Number(row["epoch"]) };
    },
    async saveCheckpoint({ name, position, store_id, epoch }) {
      const [saved] = await written([[[saveSql, name, position, store_id, epoch]]]);
      return saved === true;
    },
    async drop(collection) {
      validCollection({ name: collection, indexes: [] });
      file.forget();
      file.transaction(() => {
        file.exec(`DROP TABLE IF EXISTS "${collection}"; DROP TABLE IF EXISTS "${collection}.tokens";`);
        file.run("DELETE FROM _collections WHERE name = ?", collection);
      });
      specs.delete(collection);
    },
    async collections() {
      return file.all("SELECT name FROM _collections ORDER BY name").map((row) => String(row["name"]));
    },
    health: async () => file.health(),
    async close() {
      await thread?.close();
      file.close();
    },
  };
}

function createCollection(file: SqliteFile, { name, indexes }: CollectionSpec): void {
  file.exec(`
    CREATE TABLE IF NOT EXISTS "${name}" (id TEXT PRIMARY KEY, v TEXT NOT NULL, doc TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS "${name}.tokens" (token TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (token, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS "${name}.tokens.id" ON "${name}.tokens" (id);
  `);
  for (const index of indexes) {
    const fields = [...index.equals, index.sort].map(fieldExpression);
    file.exec(`CREATE INDEX IF NOT EXISTS "${name}.${index.name}" ON "${name}" (${fields.join(", ")}, id)`);
  }
  file.run("INSERT INTO _collections (name, spec) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec", name, JSON.stringify({ name, indexes }));
}

// Most documents change and are found by the same words as before: rows that stay as they are cost nothing to keep.
function searchedBy(collection: string, id: string, words: string, isNew: boolean): GuardedWrite {
  const table = `"${collection}.tokens"`;
  const added = [`INSERT OR IGNORE INTO ${table} (token, id) SELECT value, ? FROM json_each(?)`, id, words] as const;
  return isNew ? [added] : [[`DELETE FROM ${table} WHERE id = ? AND token NOT IN (SELECT value FROM json_each(?))`, id, words], added];
}

function guarded({ name, indexes }: CollectionSpec, { document, expected }: WriteOperation): GuardedWrite {
  const { _id: id, _v: v, tokens = [] } = document;
  const doc = JSON.stringify(document);
  const words = indexes.some((index) => index.tokens === true) ? searchedBy(name, id, JSON.stringify(tokens), expected === null) : [];
  if (expected === null) return [[`INSERT INTO "${name}" (id, v, doc) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`, id, v, doc], ...words];
  return [[`UPDATE "${name}" SET v = ?, doc = ? WHERE id = ? AND v = ?`, v, doc, id, expected], ...words];
}

function documentOf(row: Row): StoredDocument {
  return JSON.parse(String(row["doc"])) as StoredDocument;
}
