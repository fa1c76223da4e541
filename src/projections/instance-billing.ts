import { chargedMonths, lifetimeCharge, monthCharge } from "#domain/billing/cost.ts";
import { type Meter, emptyMeter, measure } from "#domain/billing/meter.ts";
import type { Price } from "#domain/billing/price.ts";
import { instanceEvents } from "#domain/instance/events.ts";
import { pricingInfo } from "./agents.ts";
import { chargeView, microsView, rateView, tasksOf } from "./charges.ts";
import { each, type Fact, instanceOf, projection } from "./projection.ts";

/** What an instance's bill is computed from, and for whom: its meter is the fold of its events, nothing else. */
export interface InstanceBilling {
  readonly instance_id: string;
  readonly customer_id: string;
  readonly publisher_id: string;
  readonly agent_id: string;
  readonly agent_name: string;
  readonly created_at: string;
  readonly price: Price;
  readonly meter: Meter;
}

function meterOn(billing: InstanceBilling, event: Fact): InstanceBilling {
  const meter = measure(billing.meter, event);
  return meter === billing.meter ? billing : { ...billing, meter };
}

/** Bills by instance. */
export const instanceBilling = projection<InstanceBilling>({
  name: "instance-billing",
  version: 1,
  indexes: [
    { name: "by_customer", equals: ["customer_id"], sort: "created_at" },
    { name: "by_publisher", equals: ["publisher_id"], sort: "created_at" },
    { name: "by_agent", equals: ["agent_id"], sort: "created_at" },
    { name: "all", equals: [], sort: "created_at" },
  ],
  key: instanceOf,
  start: {
    InstanceRequested: ({ data, metadata }) => ({
      instance_id: data.instance_id, customer_id: data.customer_id, publisher_id: data.publisher_id, agent_id: data.agent_id,
      agent_name: data.agent_name, created_at: metadata.recorded_at, price: data.price, meter: emptyMeter,
    }),
  },
  on: each([...instanceEvents.map((event) => event.type), "TaskSucceeded", "UsageRecorded"], meterOn),
});

/** One month's charge of an instance. */
function monthView({ meter, price }: InstanceBilling, month: string, now: string) {
  const charge = monthCharge(meter, price, month, now);
  return { month, ...chargeView(charge, tasksOf(meter, month)), ...microsView(charge) };
}

/** An instance's whole bill: its lifetime and its months, which sum exactly to it. */
export function billingView(billing: InstanceBilling, now: string) {
  const { meter, price } = billing;
  const charge = lifetimeCharge(meter, price, now);
  return {
    instance_id: billing.instance_id, agent_id: billing.agent_id, agent_name: billing.agent_name, customer_id: billing.customer_id,
    currency: price.currency, pricing_info: pricingInfo(price), as_of: now, running: meter.open_since !== null,
    first_started_at: meter.first_started, ended_at: meter.ended_at,
    ...chargeView(charge, tasksOf(meter)), ...microsView(charge), ...rateView(meter, price),
    months: chargedMonths(meter, price, now).map((month) => monthView(billing, month, now)),
  };
}
