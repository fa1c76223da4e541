import { type InstanceBilling, instanceBilling } from "#projections/instance-billing.ts";
import { type InstanceDocument, instances } from "#projections/instances.ts";
import type { Projection } from "#projections/projection.ts";
import type { Read } from "#projections/reader.ts";
import { audit, type AuditReport, type BillingDocument } from "#reactions/audit/audit.ts";
import type { AuditScope } from "#reactions/audit/scope.ts";
import type { ReadSide } from "./read-side.ts";
import type { World } from "./world.ts";

async function* inScope<D extends object>({ reader }: ReadSide, of: Projection<D>, { account, instance }: AuditScope): AsyncGenerator<Read<D>> {
  if (instance !== undefined) yield* await reader.getMany(of, [instance]);
  else yield* reader.all(of, account === undefined ? { index: "all", equals: {} } : { index: "by_customer", equals: { customer_id: account } });
}

const billed = ({ _id, _v, customer_id, meter, price }: Read<InstanceBilling>): BillingDocument =>
  ({ read_model: instanceBilling.name, instance_id: _id, customer_id, position: _v, meter, price });
const shown = ({ _id, _v, customer_id, meter, request: { price } }: Read<InstanceDocument>): BillingDocument =>
  ({ read_model: instances.name, instance_id: _id, customer_id, position: _v, meter, price });

/** Bills are shown from their own read model, and beside each instance. */
async function documents(readSide: ReadSide, scope: AuditScope): Promise<BillingDocument[]> {
  const all: BillingDocument[] = [];
  for await (const document of inScope(readSide, instanceBilling, scope)) all.push(billed(document));
  for await (const document of inScope(readSide, instances, scope)) all.push(shown(document));
  return all;
}

/** Audits over a world's stores. */
export const auditOf = (world: World, readSide: ReadSide) => (scope: AuditScope): Promise<AuditReport> => audit({
  store: world.stores.events, clock: world.clock, documents: (within) => documents(readSide, within), projectedTo: () => readSide.position(),
}, scope);
