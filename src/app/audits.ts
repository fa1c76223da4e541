import { type InstanceBilling, instanceBilling } from "#projections/instance-billing.ts";
import { billSums, customerSum } from "#projections/instance-sums.ts";
import { type InstanceDocument, instances } from "#projections/instances.ts";
import type { Projection } from "#projections/projection.ts";
import type { Read } from "#projections/reader.ts";
import { readSums } from "#projections/read-sums.ts";
import { audit, type AuditReport, type BillingDocument } from "#reactions/audit/audit.ts";
import type { AuditScope } from "#reactions/audit/scope.ts";
import type { BillingSum, SumOf } from "#reactions/audit/sums.ts";
import type { ReadSide } from "./read-side.ts";
import type { World } from "./world.ts";

const amounts = ["instances", "base", "usage", "task", "total", "billed_ms", "tasks"].flatMap((name) => [`life ${name}`, `month ${name}`]);

async function* inScope<D extends object>({ reader }: ReadSide, of: Projection<D>, { account, instance }: AuditScope): AsyncGenerator<Read<D>> {
  if (instance !== undefined) yield* await reader.getMany(of, [instance]);
  // Sums, which are among the documents, have no time.
  else yield* reader.all(of, account === undefined ? { index: "all", equals: {}, range: { from: "" } } : { index: "by_customer", equals: { customer_id: account } });
}

const billed = ({ _id, _v, customer_id, meter, price }: Read<InstanceBilling>): BillingDocument =>
  ({ read_model: instanceBilling.name, instance_id: _id, customer_id, position: _v, meter, price });
const shown = ({ _id, _v, customer_id, meter, request: { price } }: Read<InstanceDocument>): BillingDocument =>
  ({ read_model: instances.name, instance_id: _id, customer_id, position: _v, meter, price });

/** What an audit reads of the read models: bills, which are shown by themselves and beside each instance, and the sums that hold them. */
class BilledDocuments {
  readonly #readSide: ReadSide;
  readonly #sums = new Map<string, Omit<BillingSum, "stored">>();

  constructor(readSide: ReadSide) {
    this.#readSide = readSide;
  }

  async documents(scope: AuditScope): Promise<BillingDocument[]> {
    const all: BillingDocument[] = [];
    for await (const document of inScope(this.#readSide, instanceBilling, scope)) all.push(billed(document));
    for await (const document of inScope(this.#readSide, instances, scope)) {
      all.push(shown(document));
      if (scope.instance === undefined) this.#noteSums(document, scope.account === undefined);
    }
    return all;
  }

  // Others' instances are in what a publisher earns: only an audit of everything can recompute it.
  #noteSums(document: InstanceDocument, everything: boolean): void {
    const { agent_id, customer_id, request: { price: { currency } } } = document;
    const note = (id: string, of: SumOf, names: readonly string[]) => this.#sums.set(id, { read_model: instances.name, id, of, names });
    note(customerSum(customer_id), { customer_id }, ["sums", "open", "life instances", "life clock_ms", "life total", "month total"]);
    for (const { list, to, about } of billSums(document, currency)) {
      if ("customer_id" in about) note(to, { ...about, agent_id }, ["open", ...amounts]);
      else if (everything) {
        note(list, about, ["sums"]);
        note(to, { ...about, agent_id, currency }, ["open", ...amounts]);
      }
    }
  }

  /** None while readers use a collection of an earlier version, which has no sums. */
  async sums(): Promise<BillingSum[]> {
    const wanted = [...this.#sums.values()];
    const stored = new Map((await readSums(this.#readSide.reader, instances, wanted.map(({ id }) => id))).map((sum) => [sum._id, sum]));
    if (stored.size === 0) return [];
    return wanted.map((sum) => {
      const found = stored.get(sum.id);
      return { ...sum, stored: found === undefined ? null : { position: found._v, figures: found.figures } };
    });
  }
}

/** Audits over a world's stores. */
export const auditOf = (world: World, readSide: ReadSide) => (scope: AuditScope): Promise<AuditReport> => {
  const read = new BilledDocuments(readSide);
  return audit({
    store: world.stores.events, clock: world.clock, projectedTo: () => readSide.position(),
    documents: (within) => read.documents(within), sums: () => read.sums(),
  }, scope);
};
