import { readData } from "#domain/catalogue.ts";
import type { Aggregate, Command } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import type { DomainEvent, EventMetadata, Recorded, StoredEvent } from "#domain/kernel/event.ts";
import { type Entry, type EventStore, noStream } from "./ports.ts";

/** Who asks for a command, and how it is known again. */
export interface CommandRequest {
  /** The account that owns the stream's object. */
  readonly account: string;
  /** The account or process that asks. */
  readonly actor: string;
  /** The same id again returns what was done then. */
  readonly command_id: string;
  /** The same id with another hash is refused. */
  readonly request_hash?: string | undefined;
  /** The id was made for this one attempt and never comes again, so nobody has to remember it. */
  readonly once?: boolean | undefined;
  readonly correlation_id?: string | undefined;
  readonly causation_id?: string | undefined;
  readonly agent?: string | undefined;
  readonly instance?: string | undefined;
}

/** What a stream folds to, kept in memory at its revision. */
export interface Kept<S = unknown> {
  readonly aggregate: Aggregate<S>;
  state: S;
  revision: number;
  position: string;
  last_at: string;
  /** Command ids that the stream holds, with the hash of their request. */
  readonly commands: Map<string, string | null>;
}

/** What a command did. */
export interface Outcome<S, E extends DomainEvent = DomainEvent> {
  /** Read it at once: a later command may change it in place. */
  readonly state: S;
  readonly events: readonly Recorded<E>[];
  readonly revision: number;
  /** Where a reader must be to see it. */
  readonly position: string;
  /** Whether the command had been done before. */
  readonly repeated: boolean;
}

/** A command that waits on its stream. */
export interface Waiting {
  readonly command: Command<unknown, unknown>;
  readonly input: unknown;
  readonly request: CommandRequest;
  readonly entries: readonly Entry[];
  resolve(outcome: Outcome<unknown>): void;
  reject(error: unknown): void;
}

/** Events of a stream that are read at once. */
export const pageSize = 1000;

/** Moves a kept state on by one event. Throws when the event cannot be read. */
export function apply(kept: Kept, event: StoredEvent): void {
  const data = readData(event);
  if (data === null) throw new Error(`event ${event.id} of type ${event.type} in ${event.stream} cannot be read`);
  kept.state = kept.aggregate.evolve(kept.state, { ...event, data } as Recorded<DomainEvent>);
  kept.revision = event.revision;
  kept.position = event.position;
  kept.last_at = event.metadata.recorded_at;
  kept.commands.set(event.metadata.command_id, event.metadata.request_hash ?? null);
}

/** Reads what the stream holds after the kept revision. Others may move the state on meanwhile: no event is folded twice. */
export async function catchUp(store: EventStore, stream: string, kept: Kept): Promise<number> {
  const before = kept.revision;
  for (;;) {
    const page = await store.read(stream, { from: kept.revision + 1, max: pageSize });
    for (const event of page) if (event.revision > kept.revision) apply(kept, event);
    if (page.length < pageSize) return kept.revision - before;
  }
}

/** Folds a stream from its beginning. */
export async function load<S, E extends DomainEvent>(store: EventStore, aggregate: Aggregate<S, E>, stream: string): Promise<Kept<S>> {
  const kept = {
    aggregate: aggregate as unknown as Aggregate<S>, state: aggregate.initial(), revision: noStream, position: "", last_at: "", commands: new Map(),
  };
  await catchUp(store, stream, kept as Kept);
  return kept;
}

/** Refuses a command id that comes again with another request. */
export function assertSameRequest(commands: Kept["commands"], request: CommandRequest): boolean {
  const seen = commands.get(request.command_id);
  if (seen === undefined) return false;
  if (seen !== null && request.request_hash !== undefined && seen !== request.request_hash)
    throw new Refusal("idempotency-key-reused", "This Idempotency-Key was used for another request; use a new key for a new request.");
  return true;
}

/** The metadata of an event that a request leads to. */
export function metadataOf(request: CommandRequest, version: number, recordedAt: string): EventMetadata {
  const { account, actor, command_id, agent, instance, request_hash } = request;
  return {
    schema_version: version, recorded_at: recordedAt, account, actor, command_id,
    correlation_id: request.correlation_id ?? command_id, causation_id: request.causation_id ?? command_id,
    ...(agent === undefined ? {} : { agent }), ...(instance === undefined ? {} : { instance }),
    ...(request_hash === undefined ? {} : { request_hash }),
  };
}
