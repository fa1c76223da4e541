import { lifetimeCharge } from "#domain/billing/cost.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { instanceBilling } from "#projections/instance-billing.ts";
import { Reader } from "#projections/reader.ts";
import { independentBill } from "#test/support/independent-bill.ts";
import type { Evidence } from "./evidence.ts";

const words = ({ base, usage, task }: { base: bigint; usage: bigint; task: bigint }): string => `${base} + ${usage} + ${task}`;

/** Every bill is the one that an independent calculation gives, and the audit agrees, over everything and account by account. */
export async function billsAreRight({ simulation: { scene, process }, events, instances }: Evidence): Promise<string[]> {
  const problems: string[] = [];
  const reader = new Reader(scene.stores.readModels);
  const at = scene.clock.iso();
  const own = Map.groupBy(events.filter(({ stream }) => stream.startsWith("instance-") || stream.startsWith("usage-")),
    (event) => (event as StoredEvent<{ type: string; data: { instance_id: string } }>).data.instance_id);
  for (const [id, { request }] of instances) {
    const document = await reader.get(instanceBilling, id);
    if (request === null || document === null) { problems.push(`${id} has no bill`); continue; }
    const [found, expected] = [words(lifetimeCharge(document.meter, document.price, at)), words(independentBill(own.get(id) ?? [], request.price, at))];
    if (found !== expected) problems.push(`${id} owes ${found} micro-units by the read model and ${expected} by an independent calculation`);
  }
  const accounts = new Set([...instances.values()].flatMap(({ request }) => request?.customer_id ?? []));
  for (const scope of [{}, ...[...accounts].map((account) => ({ account }))]) {
    const { differences } = await process.audit(scope);
    for (const difference of differences) problems.push(`the audit of ${JSON.stringify(scope)} finds ${JSON.stringify(difference)}`);
  }
  return problems;
}
