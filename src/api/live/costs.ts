import { ratePerHour } from "#domain/billing/cost.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { billingView, type InstanceBilling, instanceBilling } from "#projections/instance-billing.ts";
import { instances } from "#projections/instances.ts";
import { instanceOf, type Fact } from "#projections/projection.ts";
import { token } from "#projections/search.ts";
import type { RestContext } from "../rest/context.ts";
import { type Frame, rooms, slopeChanges } from "./frames.ts";
import type { Hub } from "./hub.ts";

const everyMs = 5000;
const mostPerAccount = 200;

/** A bill as it stands. */
export function costFrame(bill: InstanceBilling, now: string): Frame {
  const { instance_id, total_cost, total_cost_micros, rate_per_hour, as_of } = billingView(bill, now);
  const rate_per_hour_micros = String(ratePerHour(bill.meter, bill.price));
  return { at: now, type: "cost.update", data: { instance_id, total_cost, total_cost_micros, rate_per_hour, rate_per_hour_micros, as_of } };
}

/** Tells what instances cost: when the rate changes, and every 5 s while somebody watches one that runs. */
export class Costs {
  readonly #context: RestContext;
  readonly #hub: Hub;
  readonly #looking = new Map<string, string>();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(context: RestContext, hub: Hub) {
    this.#context = context;
    this.#hub = hub;
  }

  /** Who is told what an instance costs after an event; nobody when it changes no cost. */
  roomsOf(event: StoredEvent): string[] {
    const id = slopeChanges.has(event.type) ? instanceOf(event as Fact) : null;
    return id === null ? [] : [rooms.instance(id), rooms.billing(event.metadata.account)];
  }

  /** Follows an event; several for one instance while it is looked up become one frame. */
  observe(event: StoredEvent): void {
    const id = this.roomsOf(event).some((room) => this.#hub.heard(room)) ? instanceOf(event as Fact) : null;
    if (id === null) return;
    const busy = this.#looking.has(id);
    this.#looking.set(id, event.position);
    if (!busy) void this.#look(id);
  }

  /** Starts the ticking; it goes on by itself. */
  start(): void {
    if (this.#closed) return;
    this.#cancel = this.#context.services.clock.after(everyMs, () => { void this.#tick().finally(() => this.start()); });
  }

  stop(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  async #look(id: string): Promise<void> {
    const { readModels } = this.#context.services;
    try {
      for (let position = this.#looking.get(id); position !== undefined;) {
        await readModels.waitFor(position, this.#context.patience);
        const bill = await readModels.reader.get(instanceBilling, id);
        if (bill !== null) this.#tell(bill);
        const newer = this.#looking.get(id);
        position = newer === position ? undefined : newer;
      }
    } catch (error) {
      this.#context.services.log.warn({ err: error }, "a cost could not be told");
    } finally {
      this.#looking.delete(id);
    }
  }

  #tell(bill: InstanceBilling): void {
    this.#hub.deliver({ frame: costFrame(bill, this.#context.now()), rooms: [rooms.instance(bill.instance_id), rooms.billing(bill.customer_id)] });
  }

  async #tick(): Promise<void> {
    const { reader } = this.#context.services.readModels;
    try {
      const ids = new Set(this.#hub.listening("instance "));
      for (const customer_id of this.#hub.listening("billing ")) {
        const running = await reader.query(instances, { index: "by_customer", equals: { customer_id }, tokens: [token("status", "running")], descending: true, limit: mostPerAccount });
        for (const instance of running) ids.add(instance.instance_id);
      }
      if (ids.size === 0) return;
      for (const bill of await reader.getMany(instanceBilling, [...ids])) if (bill.meter.open_since !== null) this.#tell(bill);
    } catch (error) {
      this.#context.services.log.warn({ err: error }, "costs could not be told");
    }
  }
}
