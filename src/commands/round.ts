import { catalogue } from "#domain/catalogue.ts";
import type { DomainEvent } from "#domain/kernel/event.ts";
import { fromMillis, later } from "#domain/kernel/time.ts";
import type { Clock, Entry, Ids, NewEvent } from "./ports.ts";
import { assertSameRequest, type CommandRequest, type Kept, metadataOf, type Outcome, type Waiting } from "./stream-queue.ts";

/** What a command that waited is told. */
export interface Decided {
  readonly waiting: Waiting;
  readonly answer: { readonly outcome: Outcome<unknown> } | { readonly error: unknown };
}

/** What the commands of one append decided. */
export interface Round {
  readonly decided: readonly Decided[];
  readonly events: readonly NewEvent[];
  readonly entries: readonly Entry[];
  /** Command ids that may come again, with the hash of their request. */
  readonly seen: ReadonlyMap<string, string | null>;
}

interface RoundParts {
  readonly clock: Clock;
  readonly ids: Ids;
}

const newEvent = (ids: Ids, fact: DomainEvent, request: CommandRequest, at: string): NewEvent =>
  ({ ...fact, id: ids.random(), metadata: metadataOf(request, catalogue.get(fact.type)?.version ?? 1, at) });

/** Decides in turn; between several commands the state evolves, for a lone one only once it is written. */
export function decideAll({ clock, ids }: RoundParts, kept: Kept, batch: readonly Waiting[]): Round {
  const decided: Decided[] = [];
  const events: NewEvent[] = [];
  const entries: Entry[] = [];
  const seen = new Map<string, string | null>();
  const now = fromMillis(clock.now());
  const at = kept.last_at === "" ? now : later(now, kept.last_at);
  for (const waiting of batch) {
    const { command, input, request, entries: beside } = waiting;
    try {
      const repeated = request.once !== true && (assertSameRequest(kept.commands, request) || assertSameRequest(seen, request));
      const facts = repeated ? [] : command.decide(input, kept.state, { now: at, account: request.account, actor: request.actor });
      const added = facts.map((fact) => newEvent(ids, fact, request, at));
      events.push(...added);
      if (added.length > 0) {
        entries.push(...beside);
        if (request.once !== true) seen.set(request.command_id, request.request_hash ?? null);
      }
      if (batch.length > 1) for (const event of added) kept.state = command.aggregate.evolve(kept.state, event);
      decided.push({ waiting, answer: { outcome: { state: kept.state, events: added, revision: 0, position: "", repeated } } });
    } catch (error) {
      decided.push({ waiting, answer: { error } });
    }
  }
  return { decided, events, entries, seen };
}
