import { accounts } from "./accounts.ts";
import { agentPerformance } from "./agent-performance.ts";
import { agents } from "./agents.ts";
import { apiKeys } from "./api-keys.ts";
import { instanceBilling } from "./instance-billing.ts";
import { instances } from "./instances.ts";
import type { Projection } from "./projection.ts";

/** Every read model. */
export const projections: readonly Projection[] = [
  accounts, apiKeys, agents, agentPerformance, instances, instanceBilling,
];
