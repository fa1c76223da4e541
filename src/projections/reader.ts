import { collectionName, collectionSpec, type Projection, versionOf } from "./projection.ts";
import { pointerOf, pointers } from "./pointer.ts";
import { least } from "./positions.ts";
import type { Query, ReadModels, StoredDocument } from "./ports.ts";

/** A document as it is stored. */
export type Read<D> = D & { readonly _id: string; readonly _v: string };

/** What is there was folded by a version that knew too little to answer from; the collection of a later one is being filled. */
export class NotFolded extends Error {
  override readonly name = "NotFolded";
}

/** Reads the documents of projections, with their types. */
export class Reader {
  readonly #models: ReadModels;
  readonly #declared = new Set<string>();
  /** The collections that were read last, by projection. */
  readonly #using = new Map<string, string>();
  /** How often one took another's place. */
  #changes = 0;
  /** Where every collection was said to be: none takes another's place that is not there yet. */
  #promised = "";

  constructor(models: ReadModels) {
    this.#models = models;
  }

  /** One document, or null. */
  async get<D extends object>(of: Projection<D>, id: string): Promise<Read<D> | null> {
    return (await this.#models.get(await this.#answering(of), id)) as Read<D> | null;
  }

  /** The documents that exist, in no order. */
  async getMany<D extends object>(of: Projection<D>, ids: readonly string[]): Promise<Read<D>[]> {
    return (await this.#models.getMany(await this.#answering(of), ids)) as unknown as Read<D>[];
  }

  /** One page. */
  async query<D extends object>(of: Projection<D>, query: Query): Promise<Read<D>[]> {
    return (await this.#models.query(await this.#answering(of), query)) as unknown as Read<D>[];
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

  /** The collection of a projection that was read last; none before the first read. */
  using(name: string): string | undefined {
    return this.#using.get(name);
  }

  /** What a position holds for that was put together since: that the collections in use are still the same. */
  get changes(): number {
    return this.#changes;
  }

  /** Somebody was told that all that is read from here on is at least there. */
  promise(position: string): void {
    if (position > this.#promised) this.#promised = position;
  }

  async #answering(of: Projection): Promise<string> {
    const name = await this.#collection(of);
    if (versionOf(name) < (of.since ?? 1)) throw new NotFolded(`${name} cannot answer for version ${of.version} of ${of.name}`);
    return name;
  }

  // Another process may have begun or rebuilt the collection: a store serves only indexes that were declared to it.
  async #collection(of: Projection): Promise<string> {
    if (!this.#declared.has(pointers)) {
      await this.#models.ensure({ name: pointers, indexes: [] });
      this.#declared.add(pointers);
    }
    const name = await this.#current(of);
    if (!this.#declared.has(name)) {
      await this.#models.ensure(collectionSpec(of, name));
      this.#declared.add(name);
    }
    return name;
  }

  // Projectors of two releases are not at one position when readers change over: nobody must miss what was said to be readable.
  async #current(of: Projection): Promise<string> {
    const pointer = await pointerOf(this.#models, of.name);
    const live = pointer?.live ?? collectionName(of);
    const before = this.#using.get(of.name);
    if (before === live) return live;
    if (before !== undefined) {
      const reached = pointer?.previous !== before || this.#promised === "" ? null : (await this.#models.checkpoint(live))?.position ?? "";
      if (reached !== null && reached < this.#promised) return before;
      this.#changes += 1;
    }
    this.#using.set(of.name, live);
    return live;
  }
}
