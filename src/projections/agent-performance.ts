import { type PerformanceDays, type PerformanceMetrics, type Stretch, addOutcome, followHealth, performanceMetrics } from "./performance.ts";
import { each, type Fact, instanceOf, projection } from "./projection.ts";

/** How well an agent did, over all its instances. */
export interface AgentPerformance {
  readonly agent_id: string;
  readonly days: PerformanceDays;
  /** Running instances, at most as many as the agent may have at once. */
  readonly open: Readonly<Record<string, Stretch>>;
}

function follow(performance: AgentPerformance, event: Fact): AgentPerformance {
  const instance = instanceOf(event);
  if (instance === null) return performance;
  const { [instance]: before, ...others } = performance.open;
  const { days, open } = followHealth(performance.days, before ?? null, event);
  return { ...performance, days, open: open === null ? others : { ...others, [instance]: open } };
}

const outcome = (performance: AgentPerformance, event: Fact): AgentPerformance => ({ ...performance, days: addOutcome(performance.days, event) });

/** The last month's performance by agent; apart from the listing, which would be indexed anew at every heartbeat. */
export const agentPerformance = projection<AgentPerformance>({
  name: "agent-performance",
  version: 1,
  indexes: [],
  key: (event) => ("agent_id" in event.data ? event.data.agent_id : event.metadata.agent),
  start: { AgentRegistered: ({ data }) => ({ agent_id: data.agent_id, days: {}, open: {} }) },
  on: {
    ...each([
      "InstanceStarted", "InstanceResumed", "InstanceRestarted", "PauseFailed", "HealthDegraded", "HealthRecovered",
      "PauseRequested", "TerminationRequested", "InstanceExited", "InstanceFailed", "TimeUnproven",
    ], follow),
    ...each(["TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskLost"], outcome),
  },
});

/** An agent's figures of the last 30 days. */
export const agentMetrics = (performance: AgentPerformance | null, now: string): PerformanceMetrics =>
  performanceMetrics(performance?.days ?? {}, Object.values(performance?.open ?? {}), now);
