import type { Instance, Task } from "#client/schema.ts";
import { amount, bytes, duration, figure, instant, percent } from "./format.ts";
import { agentWords, type Column, type Output } from "./output.ts";

const health = ({ status, health_status: { healthy } }: Instance): string => (status === "running" ? (healthy ? "yes" : "no") : "-");
const cost = ({ billing_info: { total_cost, currency } }: Instance) => amount(total_cost, currency);

/** The columns of a list of instances. */
export const instanceColumns: readonly Column<Instance>[] = [
  { name: "instance", value: (instance) => instance.instance_id },
  { name: "agent", value: (instance) => `${instance.agent_name} ${instance.agent_version}` },
  { name: "status", value: (instance) => instance.status },
  { name: "healthy", value: health },
  { name: "uptime", value: (instance) => duration(instance.resource_usage.uptime), right: true },
  { name: "tasks", value: (instance) => instance.resource_usage.task_count, right: true },
  { name: "cost", value: cost, right: true },
  { name: "created", value: (instance) => instant(instance.created_at) },
];

const failureWords = ({ failure }: Instance) => (failure ? [failure.reason, failure.detail].filter(Boolean).join(": ") : undefined);

/** An instance in full. */
export function instanceDetails(instance: Instance, out: Output): string {
  const { health_status, resource_usage: used, billing_info: bill, performance_metrics: metrics, connection } = instance;
  return out.fields({
    Instance: instance.instance_id, Agent: `${instance.agent_name} ${instance.agent_version} (${instance.agent_id})`,
    Status: instance.status, Stage: instance.lifecycle_stage, Failure: failureWords(instance),
    Created: instant(instance.created_at), Started: instant(instance.started_at) ?? undefined,
    Paused: instant(instance.paused_at) ?? undefined, Stopped: instant(instance.stopped_at) ?? undefined,
    Healthy: health(instance), "Last heartbeat": instant(health_status.last_heartbeat), Errors: health_status.error_count, "Last error": health_status.last_error ?? undefined,
    Connection: connection === undefined ? undefined : `${connection.protocol}, ${connection.connected ? "connected" : "not connected"}`,
    Uptime: duration(used.uptime), CPU: figure(used.cpu_usage, "%"), Memory: [figure(used.memory_usage, "%"), bytes(used.memory_bytes)].filter(Boolean).join(", "),
    Network: bytes(used.network_usage), Tasks: used.task_count, "Success rate": percent(metrics?.success_rate),
    "Total cost": amount(bill.total_cost, bill.currency), "  base": amount(bill.cost_breakdown.base_cost), "  time": amount(bill.cost_breakdown.usage_cost), "  tasks": amount(bill.cost_breakdown.task_cost),
    "This month": bill.current_month_cost === undefined ? undefined : amount(bill.current_month_cost, bill.currency),
    "Now per hour": bill.rate_per_hour === undefined ? undefined : amount(bill.rate_per_hour, bill.currency),
    Message: instance.message,
  });
}

/** The columns of a list of tasks. */
export const taskColumns: readonly Column<Task>[] = [
  { name: "task", value: (task) => task.task_id },
  { name: "endpoint", value: (task) => task.endpoint },
  { name: "status", value: (task) => task.status },
  { name: "seconds", value: (task) => figure(task.execution_time, "", 3), right: true },
  { name: "cost", value: (task) => amount(task.cost), right: true },
  { name: "created", value: (task) => instant(task.created_at) },
];

/** A task in full, its result below. */
export function taskDetails(task: Task, out: Output): string {
  const head = out.fields({
    Task: task.task_id, Instance: task.instance_id, Endpoint: task.endpoint, Status: task.status, Seconds: figure(task.execution_time, "", 3) ?? undefined,
    Cost: amount(task.cost) ?? undefined, Created: instant(task.created_at), Completed: instant(task.completed_at) ?? undefined,
    Error: task.error === undefined ? undefined : `${task.error.code}: ${task.error.detail}`,
    "Agent said": task.error?.upstream_body === undefined ? undefined : agentWords(task.error.upstream_body),
  });
  const result = task.result === undefined ? "" : `\n${typeof task.result === "string" ? task.result : JSON.stringify(task.result, null, 2)}\n`;
  return head + result;
}
