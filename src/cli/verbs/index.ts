import type { Verb } from "../cli.ts";
import { accountCreate } from "./account-create.ts";
import { accountList } from "./account-list.ts";
import { agentDeregister } from "./agent-deregister.ts";
import { agentDetails } from "./agent-details.ts";
import { agentList } from "./agent-list.ts";
import { agentPrice } from "./agent-price.ts";
import { agentUpdate } from "./agent-update.ts";
import { agentVersion } from "./agent-version.ts";
import { alerts } from "./alerts.ts";
import { apiKeys } from "./api-keys.ts";
import { audit } from "./audit.ts";
import { backup, restore } from "./backup.ts";
import { billing, revenue } from "./billing.ts";
import { completion } from "./completion.ts";
import { dashboard } from "./dashboard.ts";
import { doctor } from "./doctor.ts";
import { exampleConfig } from "./example-config.ts";
import { exportVerb } from "./export.ts";
import { importVerb } from "./import.ts";
import { instanceCreate } from "./instance-create.ts";
import { instanceDetails } from "./instance-details.ts";
import { instanceEvents } from "./instance-events.ts";
import { instanceExecute } from "./instance-execute.ts";
import { instanceList } from "./instance-list.ts";
import { instanceLogs } from "./instance-logs.ts";
import { instanceMetrics } from "./instance-metrics.ts";
import { instancePause } from "./instance-pause.ts";
import { instanceResume } from "./instance-resume.ts";
import { instanceTasks } from "./instance-tasks.ts";
import { instanceTerminate } from "./instance-terminate.ts";
import { instanceWatch } from "./instance-watch.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { marketplaceDiscover } from "./marketplace-discover.ts";
import { profiles } from "./profiles.ts";
import { projections } from "./projections.ts";
import { registerAgent } from "./register-agent.ts";
import { registerDockerAgent } from "./register-docker-agent.ts";
import { serve } from "./serve.ts";
import { taskCancel } from "./task-cancel.ts";
import { taskDetails } from "./task-details.ts";
import { usageRecord } from "./usage-record.ts";

/** Every verb under the heading that `--help` shows it beneath. */
export const verbs: Readonly<Record<string, readonly Verb[]>> = {
  "Server": [serve, doctor, alerts, projections, exportVerb, importVerb, backup, restore],
  "Publish agents": [exampleConfig, registerAgent, registerDockerAgent, agentList, agentVersion, agentUpdate, agentPrice, agentDeregister, usageRecord, revenue],
  "Find agents": [marketplaceDiscover, agentDetails],
  "Run instances": [
    instanceCreate, instanceList, instanceDetails, instanceExecute, instanceTasks, taskDetails, taskCancel, instanceWatch, instanceLogs,
    instanceEvents, instanceMetrics, instancePause, instanceResume, instanceTerminate,
  ],
  "Money": [dashboard, billing, audit],
  "Accounts": [accountCreate, accountList, apiKeys, login, logout, profiles],
  "Shell": [completion],
};
