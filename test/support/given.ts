import { expect } from "@jest/globals";
import { catalogue } from "#domain/catalogue.ts";
import type { Aggregate, Command } from "#domain/kernel/aggregate.ts";
import type { DomainEvent, Recorded } from "#domain/kernel/event.ts";
import { isRefusal, type RefusalCode } from "#domain/kernel/errors.ts";

/** A fact with made-up metadata; `at` is its instant. */
export function recorded<E extends DomainEvent>(event: E, at = "2026-11-01T00:00:00.000Z", id = "event"): Recorded<E> {
  return {
    ...event, id,
    metadata: {
      schema_version: catalogue.get(event.type)?.version ?? 1, recorded_at: at, account: "account", actor: "actor",
      command_id: id, correlation_id: id, causation_id: id,
    },
  };
}

/** Folds facts into a fresh state. */
export const fold = <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, events: readonly E[], at?: string): S =>
  events.reduce((state, event, index) => aggregate.evolve(state, recorded(event, at, `event-${index}`)), aggregate.initial());

/** `given(facts).when(command, input)` and then what follows; asking again after it must change nothing. */
export function given<S, E extends DomainEvent>(aggregate: Aggregate<S, E>, events: readonly E[]) {
  return {
    when<I>(command: Command<I, S, E>, input: I) {
      const context = { now: "2026-11-01T00:00:00.000Z", account: "account", actor: "actor" };
      const decide = (history: readonly E[]): readonly E[] => command.decide(command.input.parse(input), fold(aggregate, history), context);
      return {
        then(expected: readonly DomainEvent[]) {
          const decided = decide(events);
          expect(decided).toEqual(expected);
          expect(decide([...events, ...decided])).toEqual([]);
        },
        thenNothing: () => expect(decide(events)).toEqual([]),
        thenRefused(code: RefusalCode) {
          let refused: unknown;
          try { decide(events); } catch (error) { refused = error; }
          expect(isRefusal(refused) && refused.code).toBe(code);
        },
      };
    },
  };
}
