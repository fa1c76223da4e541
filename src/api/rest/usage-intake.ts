import { z } from "zod";
import { recordFact } from "#commands/instance/record-fact.ts";
import { recordUsage } from "#commands/usage/record-usage.ts";
import { usageDayOpened } from "#domain/instance/events.ts";
import { formatDecimal, isDecimal, parseDecimal, shortestDecimal } from "#domain/kernel/fraction.ts";
import { instanceId, usageStream } from "#domain/kernel/ids.ts";
import { dayOf, fromMillis, toMillis } from "#domain/kernel/time.ts";
import { oldestLookedUp, usage, usageDaysBack, usageIdentity, type UsageState } from "#domain/usage/usage.ts";
import type { CommandRequest, Executor } from "#commands/execute.ts";
import { isOperator, type Principal } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";
import { anyInstant, label } from "./inputs.ts";
import { absent, Problem } from "./problem-details.ts";
import { validBody } from "./validate.ts";

const furthestBack = usageDaysBack * 86_400_000;
const furthestAhead = 300_000;

const quantity = z.union([z.string(), z.number()])
  .transform((value) => (typeof value === "number" ? shortestDecimal(value) : value))
  .refine((text) => isDecimal(text) && !text.startsWith("-"), "must be a decimal of at least 0 with at most 12 places")
  .transform((text) => formatDecimal(parseDecimal(text)));

/** A CloudEvent 1.0 that tells of usage. Extension attributes are let through and ignored. */
export const usageEvent = z.looseObject({
  specversion: z.literal("1.0"), id: label(200), source: label(400), type: label(200), time: anyInstant,
  subject: z.string().max(200).optional(),
  data: z.strictObject({
    instance_id: instanceId.optional(), meter: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "must be a meter such as requests"), quantity,
  }),
});
type UsageEvent = z.output<typeof usageEvent>;

/** What became of one report. */
export interface Recorded {
  readonly id: string;
  readonly outcome: "accepted" | "duplicate";
  readonly position: string;
}

/** Reports by identity that are being taken in: one looks in several streams, so two of one identity take turns. */
const turns = new WeakMap<Executor, Map<string, Promise<void>>>();

async function inTurn<T>(executor: Executor, identity: string, work: (contended: boolean) => Promise<T>): Promise<T> {
  const waiting = turns.get(executor) ?? new Map<string, Promise<void>>();
  turns.set(executor, waiting);
  const { promise: mine, resolve } = Promise.withResolvers<void>();
  const before = waiting.get(identity);
  waiting.set(identity, mine);
  try {
    await before;
    return await work(before !== undefined);
  } finally {
    if (waiting.get(identity) === mine) waiting.delete(identity);
    resolve();
  }
}

const anotherTime = ({ source, id }: { source: string; id: string }): Problem =>
  new Problem("usage-conflict", "This source and id were reported with another time.", { data: { source, id } });

/** Takes usage reports in, for instances that the reporter may report on. */
export class UsageIntake {
  readonly #context: RestContext;
  readonly #principal: Principal;
  readonly #command: (about: { account: string; agent: string; instance: string }) => CommandRequest;
  readonly #opened = new Map<string, Promise<void>>();
  readonly #days = new Map<string, Promise<{ readonly state: UsageState }>>();

  constructor(context: RestContext, principal: Principal, command: (about: { account: string; agent: string; instance: string }) => CommandRequest) {
    this.#context = context;
    this.#principal = principal;
    this.#command = command;
  }

  /** Records one report; throws what is wrong with it. */
  async record(item: unknown): Promise<Recorded> {
    const event = validBody(usageEvent, item);
    const { executor, usageClaims } = this.#context.services;
    const id = event.data.instance_id ?? (instanceId.safeParse(event.subject).success ? event.subject : undefined) ?? this.#principal.instance_id;
    if (id === null || id === undefined)
      throw new Problem("validation-failed", "data.instance_id: is required.", { errors: [{ field: "data.instance_id", message: "is required" }] });
    const about = await this.#assertMayReport(id, event);
    const record = { instance_id: id, source: event.source, id: event.id, time: event.time, meter: event.data.meter, quantity: event.data.quantity };
    const [identity, day] = [usageIdentity(event.source, event.id), dayOf(event.time)];
    const { events, position } = await inTurn(executor, `${id} ${identity}`, async (contended) => {
      await this.#assertOtherDaysWithout(record, contended);
      // Other processes may have looked as well and be about to write: the claim says which of us does.
      if (usageClaims !== undefined && await usageClaims.claim(id, identity, day) !== day) throw anotherTime(event);
      await this.#openDay(id, day, about);
      return executor.execute(recordUsage, record, this.#request(about));
    });
    return { id: event.id, outcome: events.length > 0 ? "accepted" : "duplicate", position };
  }

  #request(about: { account: string; agent: string; instance: string }): CommandRequest {
    // The identity of a report is its instance, source and id: the stream tells repetitions by it.
    const { request_hash: _whole, ...request } = this.#command(about);
    return { ...request, command_id: this.#context.services.ids.random() };
  }

  async #assertMayReport(id: string, event: UsageEvent): Promise<{ account: string; agent: string; instance: string }> {
    const { state } = await this.#context.services.instances.state(id);
    const { request } = state;
    const scoped = this.#principal.instance_id;
    const mine = request !== null && (scoped !== null ? scoped === id : request.publisher_id === this.#principal.account_id || isOperator(this.#principal));
    if (!mine) throw absent.instance();
    const [at, now] = [toMillis(event.time), this.#context.services.clock.now()];
    const out = (detail: string) => new Problem("usage-time-out-of-range", detail, { errors: [{ field: "time", message: detail }] });
    if (at < now - furthestBack || at > now + furthestAhead) throw out("must be at most 35 days back and 5 minutes ahead");
    if (state.started_at === null || at < toMillis(state.started_at)) throw out("is before the instance started");
    if (state.stopped_at !== null && at > toMillis(state.stopped_at)) throw out("is after the instance ended");
    return { account: request.customer_id, agent: request.agent_id, instance: id };
  }

  // The day's own stream tells a repetition; the same identity with a time on another day is another payload.
  async #assertOtherDaysWithout({ instance_id, source, id, time }: { instance_id: string; source: string; id: string; time: string }, contended: boolean): Promise<void> {
    const { executor, clock, instances } = this.#context.services;
    const oldest = oldestLookedUp(fromMillis(clock.now()));
    const { state: { usage_days } } = await instances.state(instance_id);
    for (const day of usage_days.filter((known) => known >= oldest && known !== dayOf(time))) {
      const stream = usageStream(instance_id, day);
      const { state } = contended ? await executor.state(usage, stream) : await this.#day(stream);
      if (state.records.has(usageIdentity(source, id)))
        throw anotherTime({ source, id });
    }
  }

  // A batch looks at each day once; an identity that is in it twice, or in two requests at once, looks again.
  #day(stream: string): Promise<{ readonly state: UsageState }> {
    const kept = this.#days.get(stream) ?? this.#context.services.executor.state(usage, stream);
    this.#days.set(stream, kept);
    return kept;
  }

  #openDay(id: string, day: string, about: { account: string; agent: string; instance: string }): Promise<void> {
    const key = `${id} ${day}`;
    const opening = this.#opened.get(key) ?? this.#context.services.executor
      .execute(recordFact, { fact: usageDayOpened({ instance_id: id, day }) }, this.#request(about)).then(() => undefined);
    this.#opened.set(key, opening);
    return opening;
  }
}
