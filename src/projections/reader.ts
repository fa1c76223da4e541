import { collectionName, collectionSpec, type Projection } from "./projection.ts";
import { least } from "./positions.ts";
import type { Query, ReadModels, StoredDocument } from "./ports.ts";

/** Where the pointers to the live collections are. */
export const pointers = "projections";

/** Names the collection that a projection's readers use. */
export interface Pointer extends StoredDocument {
  readonly version: number;
  readonly live: string;
  /** What was live before; kept for readers that had just resolved it. */
  readonly previous: string | null;
}

/** A document as it is stored. */
export type Read<D> = D & { readonly _id: string; readonly _v: string };

/** The collection that holds a projection's documents now. */
export async function liveCollection(models: ReadModels, of: Projection): Promise<string> {
  const pointer = (await models.get(pointers, of.name)) as Pointer | null;
  return pointer?.version === of.version ? pointer.live : collectionName(of);
}

/** Reads the documents of projections, with their types. */
export class Reader {
  readonly #models: ReadModels;
  readonly #declared = new Set<string>();

  constructor(models: ReadModels) {
    this.#models = models;
  }

  /** One document, or null. */
  async get<D extends object>(of: Projection<D>, id: string): Promise<Read<D> | null> {
    return (await this.#models.get(await this.#collection(of), id)) as Read<D> | null;
  }

  /** The documents that exist, in no order. */
  async getMany<D extends object>(of: Projection<D>, ids: readonly string[]): Promise<Read<D>[]> {
    return (await this.#models.getMany(await this.#collection(of), ids)) as unknown as Read<D>[];
  }

  /** One page. */
  async query<D extends object>(of: Projection<D>, query: Query): Promise<Read<D>[]> {
    return (await this.#models.query(await this.#collection(of), query)) as unknown as Read<D>[];
  }

  /** Every document of a query, page by page. */
  async *all<D extends object>(of: Projection<D>, query: Omit<Query, "limit" | "after">): AsyncGenerator<Read<D>> {
    const sort = of.indexes.find((index) => index.name === query.index)?.sort ?? "_id";
    const limit = 500;
    let after: Query["after"];
    for (;;) {
      const page = await this.query(of, { ...query, limit, ...(after && { after }) });
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < limit) return;
      after = { value: ((last as unknown as StoredDocument)[sort] ?? null) as string, id: last._id };
    }
  }

  /** The position up to which every one of these projections is stored; empty when one has not begun, or belongs to another log. */
  async position(projections: readonly Projection[], storeId: string): Promise<string> {
    const positions = await Promise.all(projections.map(async (of) => {
      const checkpoint = await this.#models.checkpoint(await this.#collection(of));
      return checkpoint?.store_id === storeId ? checkpoint.position : "";
    }));
    return least(positions);
  }

  // Another process may have begun or rebuilt the collection: a store serves only indexes that were declared to it.
  async #collection(of: Projection): Promise<string> {
    if (!this.#declared.has(pointers)) {
      await this.#models.ensure({ name: pointers, indexes: [] });
      this.#declared.add(pointers);
    }
    const name = await liveCollection(this.#models, of);
    if (!this.#declared.has(name)) {
      await this.#models.ensure(collectionSpec(of, name));
      this.#declared.add(name);
    }
    return name;
  }
}
