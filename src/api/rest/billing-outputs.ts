import { z } from "zod";
import { charge, currency, instanceOut, money, pricingOut } from "./outputs.ts";

const text = z.string();
const count = z.number().int();
const month = { month: text };

const row = { ...charge, total_cost_micros: text, base_cost_micros: text, usage_cost_micros: text, task_cost_micros: text };
const bill = { ...row, requests: z.number() };
const monthRow = z.strictObject({ ...month, ...row }).meta({ id: "MonthCost", description: "What a month cost." });
const agent = { agent_id: text, agent_name: text };

/** A bill of an instance, and its months, which sum to it. */
export const billOut = z.strictObject({
  instance_id: text, ...agent, customer_id: text, currency, pricing_info: pricingOut, as_of: text, running: z.boolean(),
  first_started_at: text.nullable(), ended_at: text.nullable(), ...bill, rate_per_hour: money, months: z.array(z.strictObject({ ...month, ...bill })),
}).meta({ id: "InstanceBill", description: "The bill of an instance, and its months, which sum to it." });

const agentRow = z.strictObject({ ...agent, instances: count, ...row, months: z.array(monthRow) }).meta({ id: "AgentCost", description: "What the instances of an agent cost." });
const totals = { currency, as_of: text, instances: count, ...row, current_month_cost: money, months: z.array(monthRow), agents: z.array(agentRow) };

/** Everything that an account's instances cost, or what they cost in the month that was asked for. */
export const summaryOut = z.union([
  z.strictObject({ customer_id: text, ...totals }).meta({ id: "BillingSummary", description: "Everything that an account's instances cost, by month and by agent." }),
  z.strictObject({ customer_id: text, ...month, currency, as_of: text, ...row, agents: z.array(z.strictObject({ ...agent, ...month, ...row })) }).meta({ id: "MonthSummary", description: "What one month cost, by agent." }),
]);

/** A page of months. */
export const historyOut = z.strictObject({ customer_id: text, currency, as_of: text, months: z.array(monthRow), next_cursor: text.nullable() });

/** What a publisher earned, by currency. */
export const revenueOut = z.strictObject({ publisher_id: text, as_of: text, revenue: z.array(z.strictObject(totals).meta({ id: "Revenue", description: "What agents earned in a currency." })) });

/** The outcome of recomputing bills from their events. */
export const auditOut = z.strictObject({
  as_of: text, scope: z.strictObject({ account: text.optional(), instance: text.optional(), period: text.optional(), as_of: text.optional() }),
  agrees: z.boolean(), events_read: count,
  instances: z.array(z.strictObject({
    instance_id: text, account_id: text, agent_id: text, currency: text, base_cost: text, usage_cost: text, task_cost: text, total_cost: text,
    total_cost_micros: text, billed_seconds: text, requests: text, position: text,
  })),
  totals_micros: z.record(text, text),
  differences: z.array(z.strictObject({ instance_id: text, read_model: text, field: text, from_events: text, from_read_model: text })),
}).meta({ id: "Audit", description: "The outcome of recomputing bills from their events." });

/** What a customer sees first. */
export const dashboardOut = z.strictObject({
  customer_id: text,
  summary: z.strictObject({
    total_instances: count, running_instances: count, paused_instances: count, failed_instances: count, stopped_instances: count,
    total_cost: money, total_uptime_hours: z.number(),
  }),
  billing: z.strictObject({ current_month_cost: money, currency }),
  recent_instances: z.array(instanceOut),
  recent_activity: z.array(z.strictObject({ at: text, type: text, agent_id: text.nullable(), instance_id: text.nullable(), description: text })),
  resource_usage: z.strictObject({ cpu_usage: z.number(), memory_bytes: z.number(), network_usage: z.number(), task_count: count, uptime: z.number() }),
}).meta({ id: "Dashboard", description: "What a customer sees first." });

const meters = z.array(z.strictObject({ meter: text, quantity: money }));

/** An instance's usage in a month. */
export const usageOut = z.strictObject({
  instance_id: text, ...month, tasks: count, meters,
  days: z.array(z.strictObject({ day: text, tasks: count, records: count, meters })),
}).meta({ id: "UsageMonth", description: "An instance's usage in a month." });

/** What became of reported usage. */
export const recordedOut = z.strictObject({
  accepted: count, duplicates: count, refused: count,
  results: z.array(z.strictObject({
    index: count, id: z.unknown(), outcome: z.enum(["accepted", "duplicate", "refused"]),
    problem: z.looseObject({ type: text, title: text, status: count, detail: text }).optional(),
  })),
}).meta({ id: "RecordedUsage", description: "What became of reported usage." });
