import { asyncapi } from "../asyncapi.ts";
import { openapi } from "../openapi.ts";
import { accountRoutes } from "./accounts.ts";
import { agentRoutes } from "./agents.ts";
import { alertRoutes } from "./alerts.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { billingRoutes } from "./billing.ts";
import type { RestContext } from "./context.ts";
import { dashboardRoutes } from "./dashboard.ts";
import { docsRoutes } from "./docs.ts";
import { healthRoutes } from "./health.ts";
import { instanceHistoryRoutes } from "./instance-history.ts";
import { instanceReadRoutes } from "./instance-reads.ts";
import { instanceRoutes } from "./instances.ts";
import { marketplaceRoutes } from "./marketplace.ts";
import { metricsRoutes, type Telemetry } from "./metrics.ts";
import { movingRoutes } from "./moving.ts";
import { operatorRoutes } from "./operator.ts";
import { projectionRoutes } from "./projections.ts";
import type { Route } from "./route.ts";
import { taskRoutes } from "./tasks.ts";
import { usageRoutes } from "./usage.ts";

/** Every endpoint. */
export function allRoutes(context: RestContext, telemetry: Telemetry): Route[] {
  const { version } = context.services.settings;
  let description: object | undefined;
  const routes: Route[] = [
    ...agentRoutes(context), ...marketplaceRoutes(context), ...dashboardRoutes(context), ...instanceReadRoutes(context), ...instanceRoutes(context),
    ...instanceHistoryRoutes(context), ...taskRoutes(context), ...usageRoutes(context), ...billingRoutes(context), ...accountRoutes(context),
    ...apiKeyRoutes(context), ...operatorRoutes(context), ...alertRoutes(context), ...projectionRoutes(context), ...movingRoutes(context), ...healthRoutes(context), ...metricsRoutes(telemetry),
    ...docsRoutes({ openapi: () => (description ??= openapi(routes, version)), asyncapi: () => asyncapi(version) }),
  ];
  return routes;
}
