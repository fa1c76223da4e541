import { accounts } from "./accounts.ts";
import { activity } from "./activity.ts";
import { agentPerformance } from "./agent-performance.ts";
import { agents } from "./agents.ts";
import { apiKeys } from "./api-keys.ts";
import { customers } from "./customers.ts";
import { instanceBilling } from "./instance-billing.ts";
import { instances } from "./instances.ts";
import type { Projection } from "./projection.ts";
import { tasks } from "./tasks.ts";
import { usageMonths } from "./usage.ts";

/** Every read model. */
export const projections: readonly Projection[] = [
  accounts, apiKeys, agents, agentPerformance, customers, instances, instanceBilling, tasks, usageMonths, activity,
];
