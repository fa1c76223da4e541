import { z } from "zod";
import { recordFact } from "#commands/instance/record-fact.ts";
import { recordUsage } from "#commands/usage/record-usage.ts";
import { usageDayOpened } from "#domain/instance/events.ts";
import { formatDecimal, isDecimal, parseDecimal } from "#domain/kernel/fraction.ts";
import { instanceId, usageStream } from "#domain/kernel/ids.ts";
import { dayOf, shiftDay, toMillis } from "#domain/kernel/time.ts";
import { usage, usageIdentity } from "#domain/usage/usage.ts";
import type { CommandRequest } from "#commands/execute.ts";
import { isOperator, type Principal } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";
import { anyInstant, label } from "./inputs.ts";
import { absent, Problem } from "./problem-details.ts";
import { validBody } from "./validate.ts";

const dayMs = 86_400_000;
const furthestBack = 35 * dayMs;
const furthestAhead = 300_000;

const quantity = z.union([z.string(), z.number()])
  .transform((value) => (typeof value === "number" && /e/i.test(String(value)) ? value.toFixed(12) : String(value)))
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

/** Takes usage reports in, for instances that the reporter may report on. */
export class UsageIntake {
  readonly #context: RestContext;
  readonly #principal: Principal;
  readonly #command: (about: { account: string; agent: string; instance: string }) => CommandRequest;
  readonly #opened = new Map<string, Promise<void>>();

  constructor(context: RestContext, principal: Principal, command: (about: { account: string; agent: string; instance: string }) => CommandRequest) {
    this.#context = context;
    this.#principal = principal;
    this.#command = command;
  }

  /** Records one report; throws what is wrong with it. */
  async record(item: unknown): Promise<Recorded> {
    const event = validBody(usageEvent, item);
    const { executor } = this.#context.services;
    const id = event.data.instance_id ?? (instanceId.safeParse(event.subject).success ? event.subject : undefined) ?? this.#principal.instance_id;
    if (id === null || id === undefined)
      throw new Problem("validation-failed", "data.instance_id: is required.", { errors: [{ field: "data.instance_id", message: "is required" }] });
    const about = await this.#assertMayReport(id, event);
    const record = { instance_id: id, source: event.source, id: event.id, time: event.time, meter: event.data.meter, quantity: event.data.quantity };
    await this.#assertNoNeighbour(record);
    await this.#openDay(id, dayOf(event.time), about);
    const { events, position } = await executor.execute(recordUsage, record, this.#request(about));
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

  async #assertNoNeighbour({ instance_id, source, id, time }: { instance_id: string; source: string; id: string; time: string }): Promise<void> {
    for (const days of [-1, 1]) {
      const { state } = await this.#context.services.executor.state(usage, usageStream(instance_id, shiftDay(dayOf(time), days)));
      if (state.records.has(usageIdentity(source, id)))
        throw new Problem("usage-conflict", "This source and id were reported with another time.", { data: { source, id } });
    }
  }

  #openDay(id: string, day: string, about: { account: string; agent: string; instance: string }): Promise<void> {
    const key = `${id} ${day}`;
    const opening = this.#opened.get(key) ?? this.#context.services.executor
      .execute(recordFact, { fact: usageDayOpened({ instance_id: id, day }) }, this.#request(about)).then(() => undefined);
    this.#opened.set(key, opening);
    return opening;
  }
}
