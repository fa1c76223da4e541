import { isConnected } from "#projections/instance-view.ts";
import { instances } from "#projections/instances.ts";
import { token } from "#projections/search.ts";
import { isOperator } from "../auth/principal.ts";
import type { RestContext } from "./context.ts";
import { connectionsOut, enginesOut } from "./operation-outputs.ts";
import { type Route, route } from "./route.ts";

/** What keeps the marketplace running. */
export function operatorRoutes(context: RestContext): Route[] {
  const { services } = context;
  return [
    route({
      method: "get", path: "/admin/engines", tag: "operator", summary: "Container engines and how they are", roles: ["operator"], responses: { 200: enginesOut },
      async handler() {
        const engines = await Promise.all([...services.runtimes].map(async ([name, runtime]) => {
          try {
            return { name, ...await runtime.health() };
          } catch (error) {
            return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
          }
        }));
        return { body: { engines, next_cursor: null } };
      },
    }),
    route({
      method: "get", path: "/acp/status", tag: "operator", summary: "Connections to your instances' agents that speak ACP", roles: "any",
      responses: { 200: connectionsOut },
      async handler({ principal }) {
        const query = isOperator(principal) ? { index: "live", equals: { live: true } } : { index: "by_customer", equals: { customer_id: principal.account_id }, tokens: [token("status", "running")] };
        const connected = (await Array.fromAsync(services.readModels.reader.all(instances, query))).filter((document) => document.request.release.protocol === "acp" && isConnected(document));
        return {
          body: {
            connected_agents: [...new Set(connected.map(({ agent_id }) => agent_id))], total_connections: connected.length,
            connections: connected.map(({ instance_id, agent_id, state }) => ({ instance_id, agent_id, connected_at: state.clock_from })),
          },
        };
      },
    }),
  ];
}
