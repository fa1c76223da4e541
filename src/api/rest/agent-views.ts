import { agentMetrics, agentPerformance } from "#projections/agent-performance.ts";
import { type AgentDocument, agentView } from "#projections/agents.ts";
import { customers, liveCount } from "#projections/customers.ts";
import type { Principal } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";

/** Agents as the API shows them to a caller. */
export async function agentViews(context: RestContext, documents: readonly AgentDocument[], principal: Principal): Promise<object[]> {
  const { reader } = context.services.readModels;
  const [performance, customer] = await Promise.all([
    reader.getMany(agentPerformance, documents.map((document) => document.agent_id)),
    reader.get(customers, principal.account_id),
  ]);
  const now = context.now();
  const byAgent = new Map(performance.map((entry) => [entry.agent_id, entry]));
  return documents.map((document) => agentView(document, {
    customer_instances: liveCount(customer, document.agent_id),
    performance: agentMetrics(byAgent.get(document.agent_id) ?? null, now),
  }));
}
