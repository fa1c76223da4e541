import type { Agent, Pricing, RegisteredAgent } from "#client/schema.ts";
import { amount, figure, instant, percent } from "./format.ts";
import type { Column, Output } from "./output.ts";

/** A price in words: `0.01 USD per request`. */
function priceWords({ type, price, currency, price_per_request, price_per_minute, price_per_hour, base_period }: Pricing): string {
  const unit: Readonly<Record<string, string>> = { per_request: "per request", per_minute: "per minute", per_hour: "per hour" };
  if (type !== "hybrid") return `${amount(price, currency)} ${unit[type] ?? type}`;
  const parts = [`${amount(price, currency)} ${base_period === "month" ? "a month" : "once"}`];
  const add = (value: { toString(): string } | undefined, words: string) => {
    if (value !== undefined && Number(String(value)) > 0) parts.push(`${amount(value, currency)} ${words}`);
  };
  add(price_per_minute, "per minute");
  add(price_per_hour, "per hour");
  add(price_per_request, "per request");
  return parts.join(" + ");
}

/** The columns of a list of agents. */
export const agentColumns: readonly Column<Agent>[] = [
  { name: "agent", value: (agent) => agent.agent_id },
  { name: "name", value: (agent) => agent.name },
  { name: "version", value: (agent) => agent.version },
  { name: "category", value: (agent) => agent.category },
  { name: "price", value: (agent) => priceWords(agent.marketplace_info.pricing_info) },
  { name: "free", value: ({ marketplace_info: { availability } }) => `${Math.max(0, availability.max_instances - availability.current_instances)} of ${availability.max_instances}`, right: true },
  { name: "success", value: (agent) => percent(agent.marketplace_info.performance_metrics.success_rate), right: true },
  { name: "available", value: (agent) => (agent.marketplace_info.availability.available ? "yes" : "no") },
];

/** An agent in full. */
export function agentDetails(agent: Agent, out: Output): string {
  const { availability, pricing_info, performance_metrics: metrics, customer_instances, total_instances } = agent.marketplace_info;
  const head = out.fields({
    Agent: agent.agent_id, Name: agent.name, Version: agent.version, Type: agent.type, Stage: agent.lifecycle_stage,
    Description: agent.description || undefined, Category: agent.category, Tags: agent.tags.join(", ") || undefined, Protocol: agent.protocol,
    Image: agent.docker_image ?? undefined, Digest: agent.image_digest ?? undefined,
    Price: priceWords(pricing_info),
    Available: availability.available ? "yes" : "no", Instances: `${availability.current_instances} of ${availability.max_instances} (${total_instances} ever)`,
    Yours: customer_instances,
    "Response time": figure(metrics.average_response_time, " s", 3), "Success rate": percent(metrics.success_rate), Availability: percent(metrics.availability),
    Publisher: agent.publisher_id, Registered: instant(agent.created_at), Changed: instant(agent.updated_at),
  });
  if (agent.endpoints.length === 0) return head;
  const columns: Column<Agent["endpoints"][number]>[] = [
    { name: "endpoint", value: ({ path }) => path }, { name: "method", value: ({ method }) => method }, { name: "description", value: ({ description }) => description },
  ];
  return `${head}\n${out.table(columns, agent.endpoints)}`;
}

/** What a registration made. */
export const registrationWords = (made: RegisteredAgent, out: Output): string => out.fields({
  Agent: made.agent_id, Name: made.name, Version: made.version, Stage: made.lifecycle_stage, Image: made.docker_image, Digest: made.image_digest, Message: made.message,
});
