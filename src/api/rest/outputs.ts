import { z } from "zod";
import { role } from "#domain/account/account.ts";
import { pricingType } from "#domain/billing/price.ts";
import { statuses } from "#domain/instance/transitions.ts";
import { currencies } from "#domain/kernel/money.ts";

// Strict, so that a test which parses answers finds what they hold undeclared. Documents leave room for more: clients ignore what they do not know.
const text = z.string();
const count = z.number().int();
const figure = z.number().nullable();
const maybe = <T extends z.ZodType>(schema: T) => schema.nullable();

/** An amount as a number of which every digit counts. */
export const money = z.number().meta({ format: "decimal" });
/** The code of a currency. */
export const currency = z.enum(currencies).meta({ id: "Currency", description: "The code of a currency (ISO 4217)." });
const protocol = z.enum(["http", "acp"]);

/** How well it went in the last 30 days; null before there is data. */
const performance = z.strictObject({ average_response_time: figure, success_rate: figure, availability: figure }).meta({ id: "Performance", description: "How well it went in the last 30 days; null before there is data." });

/** A price plan; `price` is the one figure of the short form. */
export const pricingOut = z.strictObject({
  type: pricingType, price: money, currency, base_price: money, base_period: z.enum(["once", "month"]),
  price_per_request: money, price_per_minute: money, price_per_hour: money, increment_s: count,
}).meta({ id: "Pricing", description: "A price plan; `price` is the one figure of the short form." });

const resources = z.strictObject({ memory_bytes: count, cpu: text });

/** An agent as the marketplace shows it. */
export const agentOut = z.strictObject({
  agent_id: text, id: text, name: text, version: text, versions: z.array(text), description: text, category: text, tags: z.array(text),
  capabilities: z.array(text), requirements: z.array(text), runtime: maybe(text), author: maybe(text), license: maybe(text),
  documentation_url: maybe(text), repository_url: maybe(text), type: z.enum(["docker", "standard"]), protocol,
  endpoints: z.array(z.strictObject({
    path: text, method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]), description: text.optional(), timeout: count.optional(),
    parameters: z.record(text, z.unknown()).optional(),
  })),
  docker_image: maybe(text), image_digest: maybe(text), configurable_env: z.array(text), resources,
  publisher_id: text, lifecycle_stage: z.enum(["registered", "active", "deregistered"]), created_at: text, updated_at: text,
  marketplace_info: z.strictObject({
    availability: z.strictObject({ available: z.boolean(), max_instances: count, current_instances: count }),
    pricing_info: pricingOut, customer_instances: count, total_instances: count, performance_metrics: performance,
  }),
}).meta({ id: "Agent", description: "An agent as the marketplace shows it." });

/** What registering answers. */
export const registeredOut = z.strictObject({
  agent_id: text, name: text, version: text, lifecycle_stage: z.enum(["registered", "active", "deregistered"]),
  docker_image: text.optional(), image_digest: text.optional(), message: text,
}).meta({ id: "RegisteredAgent", description: "What registering or changing an agent answers." });

const costBreakdown = z.strictObject({ base_cost: money, usage_cost: money, task_cost: money }).meta({ id: "CostBreakdown", description: "A cost by what it is for." });

/** What a charge is made of; `usage_time` is in seconds. */
export const charge = {
  total_cost: money, cost_breakdown: costBreakdown, usage_time: z.number(), task_executions: count,
};

const stages = z.enum(["instantiation", "active", "paused", "termination", "terminated"]);

/** A status that an instance can be seen in. */
export const instanceStatus = z.enum(statuses).exclude(["none"]).meta({ id: "InstanceStatus", description: "A status of an instance." });

/** An instance. */
export const instanceOut = z.strictObject({
  instance_id: text, agent_id: text, agent_name: text, agent_version: text, customer_id: text, publisher_id: text,
  status: instanceStatus, lifecycle_stage: stages,
  created_at: text, started_at: maybe(text), paused_at: maybe(text), stopped_at: maybe(text), updated_at: text,
  failure: maybe(z.strictObject({ reason: text, detail: maybe(text) })),
  instance_config: z.strictObject({ memory_limit: maybe(text), cpu_limit: maybe(text), environment: z.array(text), labels: z.record(text, text), resources }),
  engine: text, attempt: count,
  health_status: z.strictObject({ healthy: z.boolean(), last_heartbeat: maybe(text), error_count: count, last_error: maybe(text) }),
  resource_usage: z.strictObject({
    cpu_usage: figure, memory_usage: figure, network_usage: figure, task_count: count, uptime: z.number(),
    memory_bytes: figure, memory_limit_bytes: figure, network_rx_bytes: figure, network_tx_bytes: figure, sampled_at: maybe(text),
  }),
  performance_metrics: performance,
  task_counts: z.strictObject({ running: count, completed: count, failed: count, timed_out: count, cancelled: count, lost: count }),
  billing_info: z.strictObject({ ...charge, requests: z.number(), current_month_cost: money, rate_per_hour: money, currency, pricing_type: pricingType }),
  connection: z.strictObject({ protocol, connected: z.boolean() }),
  pull_progress: z.strictObject({ image: text, done_bytes: count, total_bytes: count, percent: z.number() }).optional(),
  message: text.optional(),
}).meta({ id: "Instance", description: "A customer's instance of an agent." });

/** A task; one that has only been admitted has neither time nor cost. */
export const taskOut = z.strictObject({
  task_id: text, instance_id: text, agent_id: maybe(text), endpoint: text,
  status: z.enum(["pending", "running", "completed", "failed", "timed_out", "cancelled", "lost"]),
  execution_time: figure.optional(), cost: money.optional(), usage: z.strictObject({ requests: count, result_bytes: figure }).optional(),
  created_at: text, completed_at: maybe(text).optional(),
  error: z.strictObject({
    code: text, detail: text, upstream_status: figure,
    upstream_body: z.unknown().optional().meta({ description: "What the agent itself said, at most 16 KiB of JSON or text; kept for 24 hours." }),
  }).optional(),
  result: z.unknown().optional().meta({ description: "What the agent answered. Numbers are doubles: longer ones travel as strings." }),
}).meta({ id: "Task", description: "A task on an instance; one that has only been admitted has neither time nor cost." });

const key = { key_id: text, hint: text, label: maybe(text), instance_id: maybe(text), created_at: text };

/** An API key; the key itself is shown once. */
export const apiKeyOut = z.strictObject({ ...key, api_key: text.optional(), message: text.optional() }).meta({ id: "ApiKey", description: "An API key; the key itself is shown once." });

const accountFields = { account_id: text, name: text, roles: z.array(role), currency, created_at: text };

/** An account with its live keys; `key_id` is the caller's own. */
export const accountOut = z.strictObject({ ...accountFields, api_keys: z.array(z.strictObject(key)), key_id: text.optional() }).meta({ id: "Account", description: "An account with its live keys; `key_id` is the caller's own." });

/** An account that has been opened, with its first key unless that was shown before. */
export const openedAccountOut = z.strictObject({
  ...accountFields, key_id: text, api_key: text.optional(), key_hint: text.optional(), message: text.optional(),
}).meta({ id: "OpenedAccount", description: "An account that has been opened, with its first key unless that was shown before." });

/** Problem details (RFC 9457). */
export const problemOut = z.looseObject({
  type: text, title: text, status: z.number().int(), detail: text, trace_id: text,
  errors: z.array(z.strictObject({ field: text, message: text })).optional(),
}).meta({ id: "Problem", description: "Problem details (RFC 9457)." });

/** A list under its plural. */
export const listOf = <Plural extends string, T extends z.ZodType>(plural: Plural, item: T) =>
  z.strictObject({ [plural]: z.array(item), next_cursor: maybe(text) });

/** Any object. */
export const anyObject = z.looseObject({});
