import { z } from "zod";

const text = z.string();
const maybe = <T extends z.ZodType>(schema: T) => schema.nullable();
const money = z.number().meta({ description: "An exact amount with two to six decimals." });

/** One cent by what it was for. */
const costBreakdown = z.looseObject({ base_cost: money, usage_cost: money, task_cost: money });

/** How well it went in the last 30 days; null before there is data. */
export const performance = z.looseObject({
  average_response_time: maybe(z.number()), success_rate: maybe(z.number()), availability: maybe(z.number()),
});

/** An agent as the marketplace shows it. */
export const agentOut = z.looseObject({
  agent_id: text, id: text, name: text, version: text, description: text, type: z.enum(["docker", "standard"]), category: text,
  tags: z.array(text), protocol: text, publisher_id: text, lifecycle_stage: z.enum(["registered", "active", "deregistered"]),
  created_at: text, updated_at: text,
  marketplace_info: z.looseObject({
    availability: z.looseObject({ available: z.boolean(), max_instances: z.number(), current_instances: z.number() }),
    pricing_info: z.looseObject({ type: text, price: z.number(), currency: text }),
    customer_instances: z.number(), total_instances: z.number(), performance_metrics: performance,
  }),
}).meta({ id: "Agent" });

/** What registering answers. */
export const registeredOut = z.looseObject({
  agent_id: text, name: text, version: text, lifecycle_stage: text, docker_image: text.optional(), image_digest: text.optional(), message: text,
}).meta({ id: "RegisteredAgent" });

/** An instance. */
export const instanceOut = z.looseObject({
  instance_id: text, agent_id: text, agent_name: text, agent_version: text, customer_id: text, status: text, lifecycle_stage: text,
  created_at: text, started_at: maybe(text), paused_at: maybe(text), stopped_at: maybe(text),
  instance_config: z.looseObject({}),
  health_status: z.looseObject({ healthy: z.boolean(), last_heartbeat: maybe(text), error_count: z.number(), last_error: maybe(text) }),
  resource_usage: z.looseObject({
    cpu_usage: maybe(z.number()), memory_usage: maybe(z.number()), network_usage: maybe(z.number()), task_count: z.number(), uptime: z.number(),
  }),
  performance_metrics: performance,
  billing_info: z.looseObject({ total_cost: money, usage_time: z.number(), task_executions: z.number(), cost_breakdown: costBreakdown }),
  connection: z.looseObject({ protocol: text, connected: z.boolean() }),
  message: text.optional(),
}).meta({ id: "Instance" });

/** A task. */
export const taskOut = z.looseObject({
  task_id: text, instance_id: text, endpoint: text.optional(),
  status: z.enum(["pending", "running", "completed", "failed", "timed_out", "cancelled", "lost"]),
  result: z.unknown().optional(), created_at: text.optional(), completed_at: maybe(text).optional(),
}).meta({ id: "Task" });

/** An account, with its key when it has just been opened. */
export const accountOut = z.looseObject({
  account_id: text, name: text, roles: z.array(text), currency: text, api_key: text.optional(), created_at: text,
}).meta({ id: "Account" });

/** An API key; the key itself is shown once. */
export const apiKeyOut = z.looseObject({
  key_id: text, hint: text, label: maybe(text), instance_id: maybe(text), created_at: text, api_key: text.optional(),
}).meta({ id: "ApiKey" });

/** A bill of an instance. */
export const billOut = z.looseObject({
  instance_id: text, currency: text, total_cost: money, usage_time: z.number(), task_executions: z.number(), cost_breakdown: costBreakdown,
}).meta({ id: "InstanceBill" });

/** What a customer sees first. */
export const dashboardOut = z.looseObject({
  summary: z.looseObject({
    total_instances: z.number(), running_instances: z.number(), paused_instances: z.number(), total_cost: money, total_uptime_hours: z.number(),
  }),
  billing: z.looseObject({ current_month_cost: money, currency: text }),
  recent_instances: z.array(instanceOut), recent_activity: z.array(z.looseObject({})), resource_usage: z.looseObject({}), customer_id: text,
}).meta({ id: "Dashboard" });

/** Problem details (RFC 9457). */
export const problemOut = z.looseObject({
  type: text, title: text, status: z.number().int(), detail: text, trace_id: text,
  errors: z.array(z.looseObject({ field: text, message: text })).optional(),
}).meta({ id: "Problem" });

/** A list under its plural. */
export const listOf = <T extends z.ZodType>(plural: string, item: T) => z.looseObject({ [plural]: z.array(item), next_cursor: maybe(text) });

/** Any object. */
export const anyObject = z.looseObject({});
