/** An agent as the API shows it. */
export const agent = {
  agent_id: "agent-1", name: "sentiment", version: "1.0.0", description: "Classifies text", type: "docker", category: "nlp", tags: ["nlp"],
  protocol: "http", publisher_id: "account-9", lifecycle_stage: "active", created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-01T00:00:00.000Z",
  endpoints: [{ path: "/analyze", method: "POST", description: "Classify" }],
  marketplace_info: {
    availability: { available: true, max_instances: 10, current_instances: 3 },
    pricing_info: { type: "per_request", price: 0.01, currency: "USD" },
    customer_instances: 1, total_instances: 15,
    performance_metrics: { average_response_time: 0.5, success_rate: 0.99, availability: 0.999 },
  },
};

/** An instance as the API shows it. */
export const instance = (status: string, more: Readonly<Record<string, unknown>> = {}) => ({
  instance_id: "instance-1", agent_id: "agent-1", agent_name: "sentiment", agent_version: "1.0.0", customer_id: "account-1", status,
  lifecycle_stage: "active", created_at: "2026-01-01T00:00:00.000Z", started_at: "2026-01-01T00:00:02.000Z", paused_at: null, stopped_at: null,
  instance_config: {}, health_status: { healthy: true, last_heartbeat: null, error_count: 0, last_error: null },
  resource_usage: { cpu_usage: 12.5, memory_usage: 40, network_usage: 2048, task_count: 3, uptime: 3700, memory_bytes: 209715200 },
  performance_metrics: { average_response_time: null, success_rate: null, availability: null },
  billing_info: { total_cost: 15.75, usage_time: 3600, task_executions: 3, cost_breakdown: { base_cost: 5, usage_cost: 8.25, task_cost: 2.5 }, currency: "USD" },
  connection: { protocol: "http", connected: true }, ...more,
});
