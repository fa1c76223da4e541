import fc from "fast-check";
import type { Price } from "#domain/billing/price.ts";
import * as life from "#domain/instance/events.ts";
import type { DomainEvent } from "#domain/kernel/event.ts";
import { usageStream } from "#domain/kernel/ids.ts";
import { dayOf, later, plus } from "#domain/kernel/time.ts";
import { usageRecorded } from "#domain/usage/usage.ts";
import { History, hybrid, idOf } from "#test/support/history.ts";

/** Prices of every kind, with amounts that have to be rounded. */
const prices: readonly Price[] = [
  hybrid,
  { ...hybrid, base_price: "7.77", base_period: "month", price_per_request: "0.0000015", price_per_hour: "0.333333333333" },
  { ...hybrid, type: "per_minute", base_price: "0", price_per_request: "0", price_per_hour: "0", price_per_minute: "0.003", increment_s: 60 },
  { ...hybrid, type: "per_request", base_price: "0", price_per_hour: "0", price_per_request: "0.0000005" },
];
const euros = (price: Price): Price => ({ ...price, currency: "EUR" });

/** The publisher of all agents. */
export const publisher = idOf("account", 1);
/** Two that pay in dollars, one in euros, and one that never has anything. */
export const customers = [2, 3, 4, 5].map((number) => idOf("account", number));

const usual = { customer: 2, agent: 1, price: 0 };

class Lives {
  readonly history = new History().open(1, ["publisher"]).open(2).open(3).open(4).register(1, 1).register(2, 1).register(3, 1);
  readonly #status = new Map<number, string>();
  #number = 0;

  /** One step in the life of an instance, among those that may come next. */
  step(instance: number, pick: number, back: number): void {
    const possible = this.#possible(instance, this.#status.get(instance) ?? "none", back);
    const [status, act] = possible[pick % possible.length] ?? [undefined, () => undefined];
    act();
    if (status !== undefined) this.#status.set(instance, status);
  }

  #of(instance: number) {
    return { ...usual, customer: 2 + (instance % 3), agent: 1 + (instance % 2), price: instance % prices.length };
  }

  #possible(instance: number, status: string, back: number): readonly (readonly [string, () => unknown])[] {
    const { customer, agent, price } = this.#of(instance);
    const { history } = this;
    const about = { customer, agent };
    const live = (create: (instance_id: string, now: string) => DomainEvent) => () => history.live(instance, create, about);
    const at = { attempt: 1, address: "http://127.0.0.1:1" };
    const ran_until = (now: string) => plus(now, -Math.min(back, 900) * 1000);
    const request = () => history.request(instance, { agent, customer, price: (customer === 4 ? euros : (same: Price) => same)(prices[price] ?? hybrid) });
    const task = (outcome: "succeeds" | "fails") => () => history.task(instance, (this.#number += 1), 1, outcome, about);
    const reported = () => this.#reported(instance, back);
    const end = live((instance_id) => life.terminationRequested({ instance_id, reason: "asked" }));
    const failed = live((instance_id, now) => life.instanceFailed({ instance_id, ran_until: ran_until(now), reason: "exited" }));
    return ({
      none: [["starting", request]],
      starting: [
        ["running", live((instance_id) => life.instanceStarted({ instance_id, ...at }))], ["running", live((instance_id) => life.instanceStarted({ instance_id, ...at }))],
        ["failed", live((instance_id) => life.instanceStartFailed({ instance_id, attempt: 1, reason: "timeout" }))],
        ["rejected", live((instance_id) => life.instanceRejected({ instance_id, reason: "capacity-exhausted" }))], ["stopping", end],
      ],
      running: [
        ["running", task("succeeds")], ["running", task("fails")], ["running", reported],
        ["running", live((instance_id, now) => life.timeUnproven({ instance_id, from: ran_until(now), to: now }))],
        ["pausing", live((instance_id) => life.pauseRequested({ instance_id, reason: "asked" }))], ["stopping", end], ["stopping", end], ["failed", failed],
        ["restarting", live((instance_id, now) => life.instanceExited({ instance_id, ran_until: ran_until(now), out_of_memory: false, reason: "exited" }))],
      ],
      restarting: [["running", live((instance_id) => life.instanceRestarted({ instance_id, ...at }))], ["failed", failed]],
      pausing: [["paused", live((instance_id) => life.instancePaused({ instance_id }))], ["running", live((instance_id) => life.pauseFailed({ instance_id, reason: "engine" }))]],
      paused: [["resuming", live((instance_id) => life.resumeRequested({ instance_id, reason: "asked" }))], ["stopping", end]],
      resuming: [["running", live((instance_id) => life.instanceResumed({ instance_id }))]],
      failed: [["failed", reported], ["failed", task("succeeds")], ["stopping", end]],
      stopping: [["stopped", live((instance_id) => life.instanceTerminated({ instance_id }))], ["stopping", task("succeeds")], ["stopping", reported]],
      stopped: [["stopped", reported], ["stopped", () => history.release(instance, agent)]],
      rejected: [],
    } as Record<string, readonly (readonly [string, () => unknown])[]>)[status] ?? [];
  }

  /** Usage that comes up to a month late, after the instance's end too. */
  #reported(instance: number, back: number): void {
    const { history } = this;
    const { customer, agent } = this.#of(instance);
    const instance_id = idOf("instance", instance);
    const time = later(plus(history.now, -back * 1000), "2026-01-10T00:00:00.000Z");
    const event = usageRecorded({ instance_id, source: "agent", id: `r${(this.#number += 1)}`, time, meter: back % 5 === 0 ? "tokens" : "requests", quantity: back % 2 === 0 ? "3" : "0.3333" });
    history.push(usageStream(instance_id, dayOf(time)), event, { account: idOf("account", customer), agent: idOf("agent", agent), instance: instance_id });
  }
}

/** Histories of up to nine instances of three customers, over months: every end that there is, and usage that comes after it. */
export const lives = fc.array(fc.record({
  instance: fc.integer({ min: 1, max: 9 }), pick: fc.nat(), seconds: fc.integer({ min: 0, max: 900_000 }), back: fc.integer({ min: 0, max: 3_000_000 }),
}), { minLength: 1, maxLength: 90 }).map((steps) => {
  const all = new Lives();
  for (const { instance, pick, seconds, back } of steps) {
    all.history.after(seconds);
    all.step(instance, pick, back);
  }
  return all.history;
});
