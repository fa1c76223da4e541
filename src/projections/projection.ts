import type { AccountEvent } from "#domain/account/account.ts";
import type { AgentEvent } from "#domain/agent/agent.ts";
import type { CapacityEvent } from "#domain/capacity/capacity.ts";
import type { InstanceEvent } from "#domain/instance/events.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import type { LedgerEvent } from "#domain/ledger/ledger.ts";
import type { UsageEvent } from "#domain/usage/usage.ts";
import type { CollectionSpec, IndexSpec } from "./ports.ts";
import type { Sums } from "./sums.ts";

type AnyEvent = AccountEvent | AgentEvent | CapacityEvent | InstanceEvent | LedgerEvent | UsageEvent;

/** The name of any event that a projection may fold. */
export type EventName = AnyEvent["type"];

/** A stored event with the data of its type. */
export type Fact<T extends EventName = EventName> = T extends EventName ? StoredEvent<Extract<AnyEvent, { type: T }>> : never;

type Start<D> = { readonly [T in EventName]?: (event: Fact<T>, id: string) => D };
type Folds<D> = { readonly [T in EventName]?: (document: D, event: Fact<T>, id: string) => D };

/** A read model: which documents an event belongs to, and what it makes of each. */
export interface Projection<D extends object = object> {
  readonly name: string;
  /** Raised when documents get more content; the new version is built from the first event on, while readers keep what they have. */
  readonly version: number;
  /** The oldest version whose documents answer today's requests; readers wait for this one where theirs are older. */
  readonly since?: number;
  readonly indexes: readonly IndexSpec[];
  readonly handles: ReadonlySet<string>;
  keysOf(event: Fact): readonly string[];
  /** Pure. The same document back means that the event changed nothing. */
  fold(document: D | null, event: Fact, id: string): D | null;
  /** Sums over the documents. They are in the same collection: an index without equality holds them too, without a value to sort by. */
  readonly sums?: Sums<D>;
}

/** What a read model's file declares. */
export interface ProjectionSpec<D extends object> {
  readonly name: string;
  readonly version: number;
  readonly since?: number;
  readonly indexes: readonly IndexSpec[];
  /** Null when the event concerns no document. */
  readonly key: (event: Fact) => string | readonly string[] | null | undefined;
  /** Events that make a document where none is; then `on` sees the same event, if it lists it. */
  readonly start: Start<D>;
  /** Events that change a document which exists. */
  readonly on: Folds<D>;
  readonly sums?: Sums<D>;
}

/** Declares a read model as a table of pure folds. */
export function projection<D extends object>(spec: ProjectionSpec<D>): Projection<D> {
  const start = spec.start as Readonly<Record<string, ((event: Fact, id: string) => D) | undefined>>;
  const on = spec.on as Readonly<Record<string, ((document: D, event: Fact, id: string) => D) | undefined>>;
  return {
    name: spec.name,
    version: spec.version,
    ...(spec.since !== undefined && { since: spec.since }),
    indexes: spec.indexes,
    ...(spec.sums && { sums: spec.sums }),
    handles: new Set([...Object.keys(start), ...Object.keys(on)]),
    keysOf(event) {
      const key = spec.key(event);
      if (key === null || key === undefined) return [];
      return typeof key === "string" ? [key] : [...new Set(key)];
    },
    fold(document, event, id) {
      const present = document ?? start[event.type]?.(event, id) ?? null;
      return present === null ? null : on[event.type]?.(present, event, id) ?? present;
    },
  };
}

/** The same fold for several event types. */
export function each<T extends EventName, F extends (...args: never[]) => unknown>(types: readonly T[], fold: F): { readonly [K in T]: F } {
  return Object.fromEntries(types.map((type) => [type, fold])) as { readonly [K in T]: F };
}

/** The collection that a projection's version is first built in. */
export const collectionName = (of: { readonly name: string; readonly version: number }): string => `${of.name}__v${of.version}`;

/** The version of a projection that a collection was built by. */
export const versionOf = (collection: string): number => Number(/__v(\d+)(?:_\d+)?$/.exec(collection)?.[1] ?? "0");

/** A collection of a projection, as the store has to prepare it. */
export const collectionSpec = (of: Projection, name: string): CollectionSpec => ({ name, indexes: of.indexes });

/** The instance that an event is about: its stream's, or the one that its data names. */
export function instanceOf(event: Fact): string | null {
  return event.metadata.instance ?? ("instance_id" in event.data ? event.data.instance_id ?? null : null);
}
