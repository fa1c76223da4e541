import { instanceBilling } from "#projections/instance-billing.ts";
import type { Read } from "#projections/reader.ts";
import type { InstanceBilling } from "#projections/instance-billing.ts";
import { audit, type AuditReport, type BillingDocument } from "#reactions/audit/audit.ts";
import type { AuditScope } from "#reactions/audit/scope.ts";
import type { ReadSide } from "./read-side.ts";
import type { World } from "./world.ts";

const documentOf = ({ _id, _v, meter, price }: Read<InstanceBilling>): BillingDocument => ({ instance_id: _id, position: _v, meter, price });

async function documents({ reader }: ReadSide, { account, instance }: AuditScope): Promise<BillingDocument[]> {
  if (instance !== undefined) return (await reader.getMany(instanceBilling, [instance])).map(documentOf);
  const all: BillingDocument[] = [];
  const query = account === undefined ? { index: "all", equals: {} } : { index: "by_customer", equals: { customer_id: account } };
  for await (const document of reader.all(instanceBilling, query)) all.push(documentOf(document));
  return all;
}

/** Audits over a world's stores. */
export const auditOf = (world: World, readSide: ReadSide) => (scope: AuditScope): Promise<AuditReport> => audit({
  store: world.stores.events, clock: world.clock, documents: (within) => documents(readSide, within), projectedTo: () => readSide.position(),
}, scope);
