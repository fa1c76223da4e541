import type { z } from "zod";
import type { DomainEvent, EventType, Recorded } from "./event.ts";

/** A consistency boundary: what its stream's events fold to. */
export interface Aggregate<S, E extends DomainEvent = DomainEvent> {
  readonly name: string;
  initial(): S;
  readonly events: readonly EventType<string, z.ZodType>[];
  /** Owns the state it is given: it may change it in place and return it, so that a fold never copies a large map. */
  evolve(state: S, event: Recorded<E>): S;
}

/** What a decision may know beyond its input and the state. */
export interface DecisionContext {
  /** ISO instant, UTC, milliseconds. */
  readonly now: string;
  readonly account: string;
  readonly actor: string;
}

/** A command: input schema, the aggregate it loads, its stream, and a pure decision. Asking twice yields no events. */
export interface Command<I, S, E extends DomainEvent = DomainEvent> {
  readonly name: string;
  readonly input: z.ZodType<I>;
  readonly aggregate: Aggregate<S, E>;
  stream(input: I): string;
  decide(input: I, state: S, context: DecisionContext): readonly E[];
}

/** Keeps the types of a command together without repeating them. */
export function defineCommand<I, S, E extends DomainEvent>(
  command: Command<I, S, E> & { decide(input: I, state: S, context: DecisionContext): readonly NoInfer<E>[] },
): Command<I, S, E> {
  return command;
}
