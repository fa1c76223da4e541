import { declaredIndex, validCollection } from "#infra/declared-indexes.ts";
import type { CollectionSpec, ReadModels, StoredDocument, WriteOperation } from "#projections/ports.ts";
import { openSqliteFile } from "./read-models-file.ts";
import type { Row, SqliteFile } from "./read-models-file.ts";
import { fieldExpression, selectsFor } from "./read-models-query.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS _collections (name TEXT PRIMARY KEY, spec TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS _checkpoints (name TEXT PRIMARY KEY, position TEXT NOT NULL, store_id TEXT NOT NULL, epoch INTEGER NOT NULL);
`;

/** Read models in a SQLite file, or in ":memory:". */
export function openSqliteReadModels(path: string): ReadModels {
  const file = openSqliteFile(path, "NORMAL");
  file.exec(schema);
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
      const { name } = specOf(collection);
      return file.transaction(() => operations.filter((operation) => !writeOne(file, name, operation)).map(({ document }) => document._id));
    },
    async checkpoint(name) {
      const row = file.first("SELECT * FROM _checkpoints WHERE name = ?", name);
      return row === undefined ? null : { name, position: String(row["position"]), store_id: String(row["store_id"]), epoch: Number(row["epoch"]) };
    },
    async saveCheckpoint({ name, position, store_id, epoch }) {
      return file.run(
        `INSERT INTO _checkpoints (name, position, store_id, epoch) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
         SET position = excluded.position, store_id = excluded.store_id, epoch = excluded.epoch WHERE excluded.epoch >= epoch`,
        name, position, store_id, epoch) === 1;
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
    close: async () => file.close(),
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

function writeOne(file: SqliteFile, collection: string, { document, expected }: WriteOperation): boolean {
  const { _id: id, _v: v } = document;
  const doc = JSON.stringify(document);
  const changed = expected === null
    ? file.run(`INSERT INTO "${collection}" (id, v, doc) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING`, id, v, doc)
    : file.run(`UPDATE "${collection}" SET v = ?, doc = ? WHERE id = ? AND v = ?`, v, doc, id, expected);
  if (changed === 0) return false;
  if (expected !== null) file.run(`DELETE FROM "${collection}.tokens" WHERE id = ?`, id);
  for (const token of document.tokens ?? []) file.run(`INSERT OR IGNORE INTO "${collection}.tokens" (token, id) VALUES (?, ?)`, token, id);
  return true;
}

function documentOf(row: Row): StoredDocument {
  return JSON.parse(String(row["doc"])) as StoredDocument;
}
