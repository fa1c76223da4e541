import { each, type Fact, instanceOf, projection } from "./projection.ts";

/** A customer's live instances by agent: what `customer_instances` of the marketplace counts. */
export interface CustomerDocument {
  readonly account_id: string;
  readonly live: Readonly<Record<string, readonly string[]>>;
}

function without(customer: CustomerDocument, event: Fact): CustomerDocument {
  const instance = instanceOf(event);
  const live = Object.entries(customer.live).map(([agent, all]) => [agent, all.filter((id) => id !== instance)] as const);
  return { ...customer, live: Object.fromEntries(live.filter(([, all]) => all.length > 0)) };
}

/** Customers by account. */
export const customers = projection<CustomerDocument>({
  name: "customers",
  version: 1,
  indexes: [],
  key: (event) => (event.type === "InstanceRequested" ? event.data.customer_id : event.metadata.account),
  start: { InstanceRequested: ({ data }) => ({ account_id: data.customer_id, live: {} }) },
  on: {
    InstanceRequested: (customer, { data }) => ({
      ...customer, live: { ...customer.live, [data.agent_id]: [...(customer.live[data.agent_id] ?? []), data.instance_id] },
    }),
    ...each(["InstanceRejected", "InstanceStartFailed", "InstanceFailed", "InstanceTerminated"], without),
  },
});

/** All live instances of a customer. */
export const allLive = (customer: CustomerDocument | null): string[] => Object.values(customer?.live ?? {}).flat();

/** How many live instances of an agent a customer has. */
export const liveCount = (customer: CustomerDocument | null, agentId: string): number => customer?.live[agentId]?.length ?? 0;
