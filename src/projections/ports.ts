import type { StoredEvent } from "#domain/kernel/event.ts";

/** A document of a read model. `_v` is the position of the last event folded into it. */
export interface StoredDocument {
  readonly _id: string;
  readonly _v: string;
  /** Search tokens, matched exactly; an index with `tokens` serves them. */
  readonly tokens?: readonly string[] | undefined;
  readonly [field: string]: unknown;
}

/** A declared index: equality on the `equals` fields, optionally all of some tokens, sorted by `sort` and then by id. */
export interface IndexSpec {
  readonly name: string;
  /** Top-level fields that a query must give. */
  readonly equals: readonly string[];
  /** A top-level field of strings, numbers or null (null sorts first). */
  readonly sort: string;
  readonly tokens?: boolean;
}

/** A collection with its declared indexes; `name` carries the version, as in `agents__v1`. */
export interface CollectionSpec {
  readonly name: string;
  readonly indexes: readonly IndexSpec[];
}

/** A value that an index can hold. */
export type IndexValue = string | number | boolean | null;

/** One query that one declared index serves. */
export interface Query {
  readonly index: string;
  readonly equals?: Readonly<Record<string, IndexValue>>;
  /** On the index's sort field: from inclusive, to exclusive. */
  readonly range?: { readonly from?: IndexValue; readonly to?: IndexValue };
  /** All of them must be in the document's `tokens`. */
  readonly tokens?: readonly string[];
  readonly descending?: boolean;
  /** Start after this place: the sort value and id of the last document of the page before. */
  readonly after?: { readonly value: IndexValue; readonly id: string };
  readonly limit: number;
}

/** One guarded write: applied when the stored document is at `expected` (null: does not exist yet). */
export interface WriteOperation {
  readonly document: StoredDocument;
  readonly expected: string | null;
}

/** Where a projection stands. */
export interface Checkpoint {
  readonly name: string;
  /** The last position folded; empty before the first. */
  readonly position: string;
  readonly store_id: string;
  /** Fences a former owner: a write with a lower epoch is refused. */
  readonly epoch: number;
}

/** The read side: documents by id and declared queries. No joins: what does not fit is another read model. */
export interface ReadModels {
  /** Creates the collection and its indexes where missing, before documents are loaded. */
  ensure(collection: CollectionSpec): Promise<void>;
  get(collection: string, id: string): Promise<StoredDocument | null>;
  getMany(collection: string, ids: readonly string[]): Promise<StoredDocument[]>;
  /** Throws when the index is not declared. */
  query(collection: string, query: Query): Promise<StoredDocument[]>;
  /** Unordered guarded writes; answers the ids whose guard did not hold. */
  write(collection: string, operations: readonly WriteOperation[]): Promise<string[]>;
  checkpoint(name: string): Promise<Checkpoint | null>;
  /** False when another owner with a higher epoch has written. */
  saveCheckpoint(checkpoint: Checkpoint): Promise<boolean>;
  /** Removes a collection with everything in it. */
  drop(collection: string): Promise<void>;
  collections(): Promise<string[]>;
  health(): Promise<{ ok: boolean; detail?: string }>;
  close(): Promise<void>;
}

/** The log as the projector reads it. */
export interface EventFeed {
  /** Guards checkpoints against another log. */
  readonly storeId: string;
  /** At most `max` events after a position, in order; empty at the head. The empty position is before the first event. */
  readAfter(position: string, max: number): Promise<StoredEvent[]>;
  /** Resolves once there may be events after the position, or when the signal aborts. */
  whenNewer(position: string, signal: AbortSignal): Promise<void>;
}
