import type { Aggregate, Command } from "#domain/kernel/aggregate.ts";
import type { DomainEvent, Recorded, StoredEvent } from "#domain/kernel/event.ts";
import { append } from "./append.ts";
import { type Clock, type Entry, type EventStore, type Ids, WrongExpectedRevision } from "./ports.ts";
import { decideAll, type Decided, type Round } from "./round.ts";
import { StateCache } from "./state-cache.ts";
import { type CommandRequest, type Kept, type Outcome, type Waiting, apply, catchUp, load, pageSize } from "./stream-queue.ts";

export type { CommandRequest, Outcome } from "./stream-queue.ts";

interface Queue {
  readonly waiting: Waiting[];
  /** Cut to one by a conflict: a lone command is decided again from the stream's tail, not its whole length. */
  batch: number;
}

/** What the executor needs. */
export interface ExecutorParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** No other process writes to the store, so kept states need no verification. */
  readonly singleWriter: boolean;
}

const maxBatch = 256;

/** The only way to write: one queue per stream, kept states, one append for the commands that wait, deduplication by command id. */
export class Executor {
  readonly #parts: ExecutorParts;
  readonly #cache = new StateCache();
  readonly #queues = new Map<string, Queue>();

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** Decides and writes, entries only with an event. Rejects with a Refusal, with Unavailable, or with OutcomeUnknown when nobody can tell. */
  execute<I, S, E extends DomainEvent>(command: Command<I, S, E>, input: I, request: CommandRequest, entries: readonly Entry[] = []): Promise<Outcome<S, E>> {
    const parsed = command.input.parse(input);
    const stream = command.stream(parsed);
    return new Promise((resolve, reject) => {
      const waiting = { command, input: parsed, request, entries, resolve, reject } as unknown as Waiting;
      const queue = this.#queues.get(stream);
      if (queue !== undefined) {
        queue.waiting.push(waiting);
        return;
      }
      this.#queues.set(stream, { waiting: [waiting], batch: maxBatch });
      void this.#drain(stream);
    });
  }

  /** The folded state of a stream: kept, or read now. With several writers it is read up to the stream's end. */
  async state<S, E extends DomainEvent>(aggregate: Aggregate<S, E>, stream: string): Promise<Kept<S>> {
    const kept = this.#cache.get(stream);
    if (kept === undefined || this.#queues.has(stream)) {
      const loaded = await load(this.#parts.store, aggregate, stream);
      if (!this.#queues.has(stream)) this.#keep(stream, loaded as Kept);
      return loaded;
    }
    if (!this.#parts.singleWriter) await catchUp(this.#parts.store, stream, kept);
    return kept as Kept<S>;
  }

  /** Where the first event stands that a command wrote to a stream; null when there is none. Reads the stream: for what is rare. */
  async positionOf(stream: string, commandId: string): Promise<string | null> {
    for (let from = 0; ; from += pageSize) {
      const page = await this.#parts.store.read(stream, { from, max: pageSize });
      const found = page.find(({ metadata }) => metadata.command_id === commandId);
      if (found !== undefined || page.length < pageSize) return found?.position ?? null;
    }
  }

  /** The process's tail tells what others wrote. */
  observe(event: StoredEvent): void {
    const kept = this.#parts.singleWriter || this.#queues.has(event.stream) ? undefined : this.#cache.get(event.stream);
    if (kept === undefined || event.revision <= kept.revision) return;
    if (event.revision === kept.revision + 1) apply(kept, event);
    else this.#cache.drop(event.stream);
  }

  #keep(stream: string, kept: Kept): void {
    this.#cache.put(stream, kept);
    this.#cache.trim();
  }

  async #drain(stream: string): Promise<void> {
    const queue = this.#queues.get(stream);
    while (queue !== undefined && queue.waiting.length > 0) {
      const batch = queue.waiting.splice(0, queue.batch);
      try {
        await this.#write(stream, queue, batch);
      } catch (error) {
        this.#cache.drop(stream);
        for (const waiting of batch) waiting.reject(error);
      }
    }
    this.#queues.delete(stream);
  }

  async #write(stream: string, queue: Queue, batch: readonly Waiting[]): Promise<void> {
    const first = batch[0];
    if (first === undefined) return;
    let kept = this.#cache.get(stream);
    let verified = this.#parts.singleWriter || kept === undefined;
    kept ??= await load(this.#parts.store, first.command.aggregate, stream);
    for (let attempt = 0; ; attempt += 1) {
      const round = decideAll(this.#parts, kept, batch);
      if (round.events.length === 0) {
        if (!verified && (await catchUp(this.#parts.store, stream, kept)) > 0) { verified = true; continue; }
        this.#keep(stream, kept);
        return this.#answer(round.decided, kept);
      }
      try {
        kept = await this.#commit(stream, kept, round, batch.length > 1);
        queue.batch = Math.min(maxBatch, queue.batch * 2);
        this.#keep(stream, kept);
        return this.#answer(round.decided, kept);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || attempt >= 20) throw error;
        kept = await this.#afterConflict(stream, kept, batch.length);
        queue.batch = 1;
        verified = true;
      }
    }
  }

  // A batch has moved the state on, and a kept state that the stream does not go beyond is not its past: both are read anew.
  async #afterConflict(stream: string, kept: Kept, commands: number): Promise<Kept> {
    if (commands === 1 && (await catchUp(this.#parts.store, stream, kept)) > 0) return kept;
    return load(this.#parts.store, kept.aggregate, stream);
  }

  async #commit(stream: string, kept: Kept, round: Round, evolved: boolean): Promise<Kept> {
    const expected = kept.revision;
    const { position } = await append(this.#parts, stream, round.events, expected, round.entries);
    // A reader of the state may have come upon these very events first.
    if (kept.revision !== expected) return load(this.#parts.store, kept.aggregate, stream);
    this.#advance(kept, round, evolved, position);
    return kept;
  }

  #advance(kept: Kept, { events, seen }: Round, evolved: boolean, position: string): void {
    for (const event of events) {
      if (!evolved) kept.state = kept.aggregate.evolve(kept.state, event as Recorded<DomainEvent>);
      kept.last_at = event.metadata.recorded_at;
    }
    for (const [id, hash] of seen) kept.commands.set(id, hash);
    kept.revision += events.length;
    kept.position = position;
  }

  #answer(decided: readonly Decided[], kept: Kept): void {
    const lone = decided.length === 1;
    for (const { waiting, answer } of decided) {
      if ("error" in answer) waiting.reject(answer.error);
      else waiting.resolve({ ...answer.outcome, state: lone ? kept.state : answer.outcome.state, revision: kept.revision, position: kept.position });
    }
  }
}
