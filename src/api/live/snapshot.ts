import { agents } from "#projections/agents.ts";
import { instanceBilling } from "#projections/instance-billing.ts";
import { instances } from "#projections/instances.ts";
import { leftLists } from "#projections/instance-view.ts";
import { token } from "#projections/search.ts";
import type { Principal } from "../auth/principal.ts";
import { agentViews } from "../rest/agent-views.ts";
import type { RestContext } from "../rest/context.ts";
import { instanceViews, readableInstance } from "../rest/instance-views.ts";
import { costFrame } from "./costs.ts";

const most = 100;

/** What a topic looks like now, for somebody who begins to listen. */
export async function snapshotOf(context: RestContext, topic: string, principal: Principal): Promise<unknown> {
  const { reader } = context.services.readModels;
  const now = context.now();
  const equals = { customer_id: principal.account_id };
  if (topic === "instances") {
    const documents = await reader.query(instances, { index: "by_customer", equals, descending: true, limit: most });
    return instanceViews(context, documents.filter((document) => !leftLists(document, now)));
  }
  if (topic === "billing") {
    const running = await reader.query(instances, { index: "by_customer", equals, tokens: [token("status", "running")], descending: true, limit: most });
    const bills = await reader.getMany(instanceBilling, running.map((instance) => instance.instance_id));
    return bills.map((bill) => costFrame(bill, now).data);
  }
  if (topic === "agents")
    return agentViews(context, await reader.query(agents, { index: "by_newest", equals: { listed: true }, descending: true, limit: most }), principal);
  return (await instanceViews(context, [await readableInstance(context, topic.slice("instance:".length), principal)]))[0];
}
