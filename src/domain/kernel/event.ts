import type { z } from "zod";

/** What is known of an event besides its data; part of the storage format. */
export interface EventMetadata {
  readonly schema_version: number;
  /** Server UTC, milliseconds; never earlier than the stream's previous event. */
  readonly recorded_at: string;
  /** The account that owns the stream's object. */
  readonly account: string;
  readonly agent?: string;
  readonly instance?: string;
  /** The account or process that caused the event. */
  readonly actor: string;
  readonly command_id: string;
  readonly request_hash?: string;
  readonly correlation_id: string;
  readonly causation_id: string;
}

/** A fact that was decided but is not yet written. */
export interface DomainEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly data: D;
}

/** A fact with its metadata: what `evolve` folds. */
export type Recorded<E extends DomainEvent = DomainEvent> = E & {
  readonly id: string;
  readonly metadata: EventMetadata;
};

/** A fact as the event store holds it. `position` sorts as a string within one store. */
export type StoredEvent<E extends DomainEvent = DomainEvent> = Recorded<E> & {
  readonly stream: string;
  /** Contiguous from 0 within the stream. */
  readonly revision: number;
  readonly position: string;
};

/** An event type as a value: its name, schema and constructor in one. */
export interface EventType<T extends string, S extends z.ZodType> {
  (data: z.input<S>): DomainEvent<T, z.output<S>>;
  readonly type: T;
  readonly schema: S;
  readonly version: number;
}

/** Declares an event type. Names and payloads are a storage format: add optional fields or a new version, never edit. */
export function eventType<T extends string, S extends z.ZodType>(
  type: T,
  schema: S,
  version = 1,
): EventType<T, S> {
  const create = (data: z.input<S>): DomainEvent<T, z.output<S>> => ({ type, data: schema.parse(data) });
  return Object.assign(create, { type, schema, version });
}

/** The event that a declared type stands for. */
export type EventOf<E> = E extends EventType<infer T, infer S> ? DomainEvent<T, z.output<S>> : never;
