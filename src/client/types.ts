import type { Amount } from "./json.ts";

/** A page of a list: the entries under their plural name, and where the next page starts. */
export type Page<Name extends string, Entry> = { readonly [K in Name]: readonly Entry[] } & { readonly next_cursor: string | null };

/** A page's size and start. */
export interface PageQuery { readonly limit?: number | undefined; readonly cursor?: string | undefined }

/** How an agent fared in the last 30 days; null before there is data. */
export interface PerformanceMetrics {
  readonly average_response_time: number | null;
  readonly success_rate: number | null;
  readonly availability: number | null;
}

/** A price plan; `price` is the one figure of the short form. */
export interface PricingInfo {
  readonly type: string; readonly price: Amount; readonly currency: string;
  readonly base_price?: Amount; readonly base_period?: string; readonly increment_s?: number;
  readonly price_per_request?: Amount; readonly price_per_minute?: Amount; readonly price_per_hour?: Amount;
}

/** An agent. */
export interface Agent {
  readonly agent_id: string; readonly name: string; readonly version: string; readonly versions?: readonly string[];
  readonly description: string; readonly type: string; readonly category: string; readonly tags: readonly string[];
  readonly protocol: string; readonly publisher_id: string; readonly lifecycle_stage: string;
  readonly endpoints: readonly { readonly path: string; readonly method: string; readonly description?: string }[];
  readonly docker_image?: string | null; readonly image_digest?: string | null;
  readonly created_at: string; readonly updated_at: string;
  readonly marketplace_info: {
    readonly availability: { readonly available: boolean; readonly max_instances: number; readonly current_instances: number };
    readonly pricing_info: PricingInfo;
    readonly customer_instances: number; readonly total_instances: number;
    readonly performance_metrics: PerformanceMetrics;
  };
}

/** The answer to a registration or a new version. */
export interface Registration {
  readonly agent_id: string; readonly name: string; readonly version: string; readonly lifecycle_stage: string;
  readonly docker_image?: string; readonly image_digest?: string; readonly message?: string;
}

/** What a charge is made of. */
export interface BillingInfo {
  readonly total_cost: Amount; readonly usage_time: number; readonly task_executions: number;
  readonly cost_breakdown: { readonly base_cost: Amount; readonly usage_cost: Amount; readonly task_cost: Amount };
  readonly current_month_cost?: Amount; readonly rate_per_hour?: Amount; readonly currency?: string;
}

/** A customer's instance of an agent. */
export interface Instance {
  readonly instance_id: string; readonly agent_id: string; readonly agent_name: string; readonly agent_version: string;
  readonly customer_id: string; readonly status: string; readonly lifecycle_stage: string;
  readonly created_at: string; readonly started_at: string | null; readonly paused_at: string | null; readonly stopped_at: string | null;
  readonly failure?: { readonly reason: string; readonly detail: string | null } | null;
  readonly instance_config?: Readonly<Record<string, unknown>>;
  readonly health_status: { readonly healthy: boolean; readonly last_heartbeat: string | null; readonly error_count: number; readonly last_error: string | null };
  readonly resource_usage: {
    readonly cpu_usage: number | null; readonly memory_usage: number | null; readonly network_usage: number | null;
    readonly task_count: number; readonly uptime: number; readonly memory_bytes?: number | null; readonly sampled_at?: string | null;
  };
  readonly performance_metrics?: PerformanceMetrics;
  readonly billing_info: BillingInfo;
  readonly connection?: { readonly protocol: string; readonly connected: boolean };
  readonly pull_progress?: { readonly image: string; readonly percent: number };
  readonly message?: string;
}

/** A task on an instance. */
export interface Task {
  readonly task_id: string; readonly instance_id: string; readonly agent_id?: string; readonly endpoint: string; readonly status: string;
  readonly result?: unknown; readonly execution_time?: number | null; readonly cost?: Amount | null; readonly error?: unknown;
  readonly created_at: string; readonly completed_at?: string | null;
}

/** A line of a container's output. */
export interface LogEntry { readonly at?: string; readonly stream?: string; readonly text: string }

/** A fact of an instance's history. */
export interface HistoryEvent {
  readonly event_id: string; readonly type: string; readonly at: string; readonly actor: string; readonly description: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A customer's overview. */
export interface Dashboard {
  readonly customer_id: string;
  readonly summary: {
    readonly total_instances: number; readonly running_instances: number; readonly paused_instances: number;
    readonly failed_instances?: number; readonly stopped_instances?: number;
    readonly total_cost: Amount; readonly total_uptime_hours: number;
  };
  readonly billing: { readonly current_month_cost: Amount; readonly currency: string };
  readonly recent_instances: readonly Instance[];
  readonly recent_activity: readonly { readonly at: string; readonly type: string; readonly instance_id: string | null; readonly description: string }[];
  readonly resource_usage?: Readonly<Record<string, unknown>>;
}

/** An API key; `api_key` is there once, when it is made. */
export interface ApiKey {
  readonly key_id: string; readonly hint?: string; readonly label?: string | null; readonly instance_id?: string | null;
  readonly created_at?: string; readonly api_key?: string;
}

/** An account; `api_key` is there once, when it is opened. */
export interface Account {
  readonly account_id: string; readonly name: string; readonly roles: readonly string[]; readonly currency: string;
  readonly created_at?: string; readonly api_key?: string; readonly key_id?: string; readonly message?: string;
}

/** The outcome of recomputing bills from their events. */
export interface Audit {
  readonly as_of: string; readonly agrees: boolean; readonly events_read: number;
  readonly instances: readonly {
    readonly instance_id: string; readonly account_id: string; readonly currency: string; readonly total_cost: Amount | string;
    readonly base_cost: Amount | string; readonly usage_cost: Amount | string; readonly task_cost: Amount | string;
    readonly billed_seconds: string; readonly requests: string;
  }[];
  readonly totals_micros: Readonly<Record<string, string>>;
  readonly differences: readonly { readonly instance_id: string; readonly field: string; readonly from_events: string; readonly from_read_model: string }[];
}

/** What became of reported usage. */
export interface UsageReceipt {
  readonly accepted: number; readonly duplicates: number; readonly refused: number;
  readonly results: readonly { readonly index: number; readonly id: string | null; readonly outcome: string; readonly problem?: { readonly title?: string; readonly detail?: string } }[];
}

/** A document whose shape the reader takes as it comes. */
export type Document = Readonly<Record<string, unknown>>;

/** What creates an instance. */
export interface InstanceConfig {
  readonly memory_limit?: string; readonly cpu_limit?: string;
  readonly environment?: Readonly<Record<string, string>>; readonly labels?: Readonly<Record<string, string>>;
}

/** What a task asks of an agent. */
export interface TaskRequest { readonly endpoint: string; readonly parameters?: unknown; readonly timeout?: number | undefined }

/** A login at an image registry. */
export interface RegistryCredentials { readonly username: string; readonly password: string; readonly registry?: string | undefined }
