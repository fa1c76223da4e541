import type { DomainEvent, EventMetadata, StoredEvent } from "#domain/kernel/event.ts";

/** An event about to be appended. Its id is random per decided batch; a retry of an unknown outcome reuses it. */
export interface NewEvent extends DomainEvent {
  readonly id: string;
  readonly metadata: EventMetadata;
}

/** The revision and position of the last event of an append. */
export interface AppendResult {
  readonly revision: number;
  readonly position: string;
}

/** An entry of the system store that events speak of, as the result of a task. */
export interface Entry {
  readonly kind: string;
  readonly key: string;
  readonly value: unknown;
  /** Milliseconds since the Unix epoch. */
  readonly expires_at: number;
}

/** The stream must not exist yet. */
export const noStream = -1;

/**
 * The write side. Revisions are contiguous from 0; an append is all or nothing; positions are opaque strings that sort
 * as text, strictly increasing over the whole log; a reader past P never later sees an event at or below P.
 * The identical append (same ids, same expected revision) answers its original result.
 */
export interface EventStore {
  /** Renewed by restore and import; guards cursors and checkpoints against another store. */
  readonly storeId: string;
  /** Entries are durable no later than the events. Throws WrongExpectedRevision, OutcomeUnknown, Unavailable or AppendTooLarge. */
  append(stream: string, events: readonly NewEvent[], expected: number, entries?: readonly Entry[]): Promise<AppendResult>;
  /** A missing stream reads as empty. `from` is inclusive; backwards without `from` starts at the last event. */
  read(stream: string, options?: { from?: number; direction?: "forwards" | "backwards"; max?: number }): Promise<StoredEvent[]>;
  /** The log in order; `from` is exclusive in both directions; at most `max` (default 1000) events. System events never show. */
  readAll(options?: { from?: string; direction?: "forwards" | "backwards"; max?: number }): Promise<StoredEvent[]>;
  /** Every event after `from`, in order, each awaited; resumes by itself after an outage without a gap. */
  subscribeAll(from: string | "start" | "end", onEvent: (event: StoredEvent) => Promise<void> | void): Promise<Subscription>;
  health(): Promise<{ ok: boolean; detail?: string }>;
  close(): Promise<void>;
}

/** A running subscription. */
export interface Subscription {
  stop(): Promise<void>;
}

/** Time, so that tests and the simulation can own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `ms`; the answer cancels it. Never keeps the process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** Random identities. */
export interface Ids {
  /** UUID version 7. */
  next(): string;
  /** UUID version 4. */
  random(): string;
  /** UUID version 5 of a name in this product's namespace. */
  named(name: string): string;
}

/** Another process wrote to the stream first. */
export class WrongExpectedRevision extends Error {
  override readonly name = "WrongExpectedRevision";
  readonly stream: string;
  readonly expected: number;
  readonly actual: number;
  constructor(stream: string, expected: number, actual: number) {
    super(`${stream} is at revision ${actual}, not ${expected}`);
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The append may or may not have been written: retry it identically. */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/** The store cannot be reached; nothing was written. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** One append is over 1,000 events or 900 kB. */
export class AppendTooLarge extends Error {
  override readonly name = "AppendTooLarge";
}
