// Generated from the API's OpenAPI and AsyncAPI documents by scripts/generate-client.mjs.
import type { Amount } from "./json.ts";

/** An account with its live keys; `key_id` is the caller's own. */
export interface Account {
  readonly account_id: string;
  readonly name: string;
  readonly roles: readonly ("customer" | "publisher" | "operator")[];
  readonly currency: Currency;
  readonly created_at: string;
  readonly api_keys: readonly { readonly key_id: string; readonly hint: string; readonly label: string | null; readonly instance_id: string | null; readonly created_at: string }[];
  readonly key_id?: string;
}

/** An agent as the marketplace shows it. */
export interface Agent {
  readonly agent_id: string;
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly versions: readonly string[];
  readonly description: string;
  readonly category: string;
  readonly tags: readonly string[];
  readonly capabilities: readonly string[];
  readonly requirements: readonly string[];
  readonly runtime: string | null;
  readonly author: string | null;
  readonly license: string | null;
  readonly documentation_url: string | null;
  readonly repository_url: string | null;
  readonly type: "docker" | "standard";
  readonly protocol: "http" | "acp";
  readonly endpoints: readonly {
    readonly path: string;
    readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    readonly description?: string;
    readonly timeout?: number;
    readonly parameters?: Readonly<Record<string, unknown>>;
  }[];
  readonly docker_image: string | null;
  readonly image_digest: string | null;
  readonly configurable_env: readonly string[];
  readonly resources: { readonly memory_bytes: number; readonly cpu: string };
  readonly publisher_id: string;
  readonly lifecycle_stage: "registered" | "active" | "deregistered";
  readonly created_at: string;
  readonly updated_at: string;
  readonly marketplace_info: {
    readonly availability: { readonly available: boolean; readonly max_instances: number; readonly current_instances: number };
    readonly pricing_info: Pricing;
    readonly customer_instances: number;
    readonly total_instances: number;
    readonly performance_metrics: Performance;
  };
}

/** What the instances of an agent cost. */
export interface AgentCost {
  readonly agent_id: string;
  readonly agent_name: string;
  readonly instances: number;
  readonly total_cost: Amount;
  readonly cost_breakdown: CostBreakdown;
  readonly usage_time: number;
  readonly task_executions: number;
  readonly total_cost_micros: string;
  readonly base_cost_micros: string;
  readonly usage_cost_micros: string;
  readonly task_cost_micros: string;
  readonly months: readonly MonthCost[];
}

/** Something that is wrong since an instant. */
export interface Alert {
  readonly code:
    | "engine-away" | "store-away" | "projection-stopped" | "projection-behind" | "events-parked" | "bill-differs" | "instances-failing"
    | "maintenance-failing";
  readonly severity: "error" | "warning";
  readonly subject: string;
  readonly words: string;
  readonly since: string;
}

/** An API key; the key itself is shown once. */
export interface ApiKey {
  readonly key_id: string;
  readonly hint: string;
  readonly label: string | null;
  readonly instance_id: string | null;
  readonly created_at: string;
  readonly api_key?: string;
  readonly message?: string;
}

/** The outcome of recomputing bills from their events. */
export interface Audit {
  readonly as_of: string;
  readonly scope: { readonly account?: string; readonly instance?: string; readonly period?: string; readonly as_of?: string };
  readonly agrees: boolean;
  readonly events_read: number;
  readonly instances: readonly {
    readonly instance_id: string;
    readonly account_id: string;
    readonly agent_id: string;
    readonly currency: string;
    readonly base_cost: string;
    readonly usage_cost: string;
    readonly task_cost: string;
    readonly total_cost: string;
    readonly total_cost_micros: string;
    readonly billed_seconds: string;
    readonly requests: string;
    readonly position: string;
  }[];
  readonly totals_micros: Readonly<Record<string, string>>;
  readonly differences: readonly {
    readonly instance_id: string;
    readonly read_model: string;
    readonly field: string;
    readonly from_events: string;
    readonly from_read_model: string;
  }[];
}

/** A backup that was made, and where. */
export interface Backup {
  readonly format: "agenthub-backup";
  readonly version: 1;
  readonly product: string;
  readonly created_at: string;
  readonly store_id: string;
  readonly files: {
    readonly "events.db": { readonly bytes: number; readonly sha256: string };
    readonly "system.db": { readonly bytes: number; readonly sha256: string };
    readonly "credentials.json": { readonly bytes: number; readonly sha256: string };
  };
  readonly directory: string;
}

/** Everything that an account's instances cost, by month and by agent. */
export interface BillingSummary {
  readonly customer_id: string;
  readonly currency: Currency;
  readonly as_of: string;
  readonly instances: number;
  readonly total_cost: Amount;
  readonly cost_breakdown: CostBreakdown;
  readonly usage_time: number;
  readonly task_executions: number;
  readonly total_cost_micros: string;
  readonly base_cost_micros: string;
  readonly usage_cost_micros: string;
  readonly task_cost_micros: string;
  readonly current_month_cost: Amount;
  readonly months: readonly MonthCost[];
  readonly agents: readonly AgentCost[];
}

/** A cost by what it is for. */
export interface CostBreakdown {
  readonly base_cost: Amount;
  readonly usage_cost: Amount;
  readonly task_cost: Amount;
}

/** The code of a currency (ISO 4217). */
export type Currency =
  | "USD" | "EUR" | "GBP" | "CHF" | "JPY" | "CNY" | "INR" | "KRW" | "AUD" | "CAD" | "NZD" | "SEK" | "NOK" | "DKK" | "PLN" | "CZK" | "HUF" | "RON" | "BGN"
  | "TRY" | "ILS" | "AED" | "SAR" | "ZAR" | "BRL" | "MXN" | "ARS" | "CLP" | "COP" | "PEN" | "SGD" | "HKD" | "TWD" | "THB" | "IDR" | "MYR" | "PHP" | "VND"
  | "UAH" | "KZT" | "NGN" | "KES" | "EGP" | "MAD" | "ISK";

/** What a customer sees first. */
export interface Dashboard {
  readonly customer_id: string;
  readonly summary: {
    readonly total_instances: number;
    readonly running_instances: number;
    readonly paused_instances: number;
    readonly failed_instances: number;
    readonly stopped_instances: number;
    readonly total_cost: Amount;
    readonly total_uptime_hours: number;
  };
  readonly billing: { readonly current_month_cost: Amount; readonly currency: Currency };
  readonly recent_instances: readonly Instance[];
  readonly recent_activity: readonly { readonly at: string; readonly type: string; readonly agent_id: string | null; readonly instance_id: string | null; readonly description: string }[];
  readonly resource_usage: { readonly cpu_usage: number; readonly memory_bytes: number; readonly network_usage: number; readonly task_count: number; readonly uptime: number };
}

/** A container engine. */
export interface Engine {
  readonly name: string;
  readonly ok: boolean;
  readonly version?: string;
  readonly detail?: string;
}

/** A fact of an instance's history. */
export interface HistoryEvent {
  readonly event_id: string;
  readonly type: string;
  readonly at: string;
  readonly actor: string;
  readonly description: string;
  readonly revision: number;
  readonly position: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A customer's instance of an agent. */
export interface Instance {
  readonly instance_id: string;
  readonly agent_id: string;
  readonly agent_name: string;
  readonly agent_version: string;
  readonly customer_id: string;
  readonly publisher_id: string;
  readonly status: InstanceStatus;
  readonly lifecycle_stage: "instantiation" | "active" | "paused" | "termination" | "terminated";
  readonly created_at: string;
  readonly started_at: string | null;
  readonly paused_at: string | null;
  readonly stopped_at: string | null;
  readonly updated_at: string;
  readonly failure: { readonly reason: string; readonly detail: string | null } | null;
  readonly instance_config: {
    readonly memory_limit: string | null;
    readonly cpu_limit: string | null;
    readonly environment: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
    readonly resources: { readonly memory_bytes: number; readonly cpu: string };
  };
  readonly engine: string;
  readonly attempt: number;
  readonly health_status: { readonly healthy: boolean; readonly last_heartbeat: string | null; readonly error_count: number; readonly last_error: string | null };
  readonly resource_usage: {
    readonly cpu_usage: number | null;
    readonly memory_usage: number | null;
    readonly network_usage: number | null;
    readonly task_count: number;
    readonly uptime: number;
    readonly memory_bytes: number | null;
    readonly memory_limit_bytes: number | null;
    readonly network_rx_bytes: number | null;
    readonly network_tx_bytes: number | null;
    readonly sampled_at: string | null;
  };
  readonly performance_metrics: Performance;
  readonly task_counts: {
    readonly running: number;
    readonly completed: number;
    readonly failed: number;
    readonly timed_out: number;
    readonly cancelled: number;
    readonly lost: number;
  };
  readonly billing_info: {
    readonly total_cost: Amount;
    readonly cost_breakdown: CostBreakdown;
    readonly usage_time: number;
    readonly task_executions: number;
    readonly requests: number;
    readonly current_month_cost: Amount;
    readonly rate_per_hour: Amount;
    readonly currency: Currency;
    readonly pricing_type: "per_request" | "per_minute" | "per_hour" | "hybrid";
  };
  readonly connection: { readonly protocol: "http" | "acp"; readonly connected: boolean };
  readonly pull_progress?: { readonly image: string; readonly done_bytes: number; readonly total_bytes: number; readonly percent: number };
  readonly message?: string;
}

/** The bill of an instance, and its months, which sum to it. */
export interface InstanceBill {
  readonly instance_id: string;
  readonly agent_id: string;
  readonly agent_name: string;
  readonly customer_id: string;
  readonly currency: Currency;
  readonly pricing_info: Pricing;
  readonly as_of: string;
  readonly running: boolean;
  readonly first_started_at: string | null;
  readonly ended_at: string | null;
  readonly total_cost: Amount;
  readonly cost_breakdown: CostBreakdown;
  readonly usage_time: number;
  readonly task_executions: number;
  readonly total_cost_micros: string;
  readonly base_cost_micros: string;
  readonly usage_cost_micros: string;
  readonly task_cost_micros: string;
  readonly requests: number;
  readonly rate_per_hour: Amount;
  readonly months: readonly {
    readonly month: string;
    readonly total_cost: Amount;
    readonly cost_breakdown: CostBreakdown;
    readonly usage_time: number;
    readonly task_executions: number;
    readonly total_cost_micros: string;
    readonly base_cost_micros: string;
    readonly usage_cost_micros: string;
    readonly task_cost_micros: string;
    readonly requests: number;
  }[];
}

/** A status of an instance. */
export type InstanceStatus = "starting" | "running" | "pausing" | "paused" | "resuming" | "restarting" | "failed" | "stopping" | "stopped" | "rejected";

/** A line of a container's output. */
export interface LogLine {
  readonly at: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What a publisher says of an agent, as agent.yaml does. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string | undefined;
  readonly category?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly protocol?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly endpoint_url?: string | undefined;
  readonly endpoints?: readonly {
    readonly path: string;
    readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
    readonly description?: string | undefined;
    readonly timeout?: number | undefined;
    readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  }[] | undefined;
  readonly health?: { readonly path?: string | undefined } | undefined;
  readonly pricing?: {
    readonly type: "per_request" | "per_minute" | "per_hour" | "hybrid";
    readonly currency?: Currency | undefined;
    readonly price?: string | number | undefined;
    readonly base_price?: string | number | undefined;
    readonly base_period?: "once" | "month" | undefined;
    readonly price_per_request?: string | number | undefined;
    readonly price_per_minute?: string | number | undefined;
    readonly price_per_hour?: string | number | undefined;
    readonly increment_s?: number | undefined;
  } | undefined;
  readonly limits?: { readonly max_instances?: number | undefined } | undefined;
  readonly resources?: { readonly memory?: string | undefined; readonly cpu?: string | number | undefined } | undefined;
  readonly docker?: {
    readonly image?: string | undefined;
    readonly port?: number | undefined;
    readonly env?: Readonly<Record<string, string>> | undefined;
    readonly configurable_env?: readonly string[] | undefined;
    readonly pull?: "missing" | "always" | undefined;
    readonly stop_grace?: number | undefined;
  } | undefined;
  readonly runtime?: string | undefined;
  readonly author?: string | undefined;
  readonly license?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  readonly requirements?: readonly string[] | undefined;
  readonly documentation_url?: string | undefined;
  readonly repository_url?: string | undefined;
}

/** What a month cost. */
export interface MonthCost {
  readonly month: string;
  readonly total_cost: Amount;
  readonly cost_breakdown: CostBreakdown;
  readonly usage_time: number;
  readonly task_executions: number;
  readonly total_cost_micros: string;
  readonly base_cost_micros: string;
  readonly usage_cost_micros: string;
  readonly task_cost_micros: string;
}

/** What one month cost, by agent. */
export interface MonthSummary {
  readonly customer_id: string;
  readonly month: string;
  readonly currency: Currency;
  readonly as_of: string;
  readonly total_cost: Amount;
  readonly cost_breakdown: CostBreakdown;
  readonly usage_time: number;
  readonly task_executions: number;
  readonly total_cost_micros: string;
  readonly base_cost_micros: string;
  readonly usage_cost_micros: string;
  readonly task_cost_micros: string;
  readonly agents: readonly {
    readonly agent_id: string;
    readonly agent_name: string;
    readonly month: string;
    readonly total_cost: Amount;
    readonly cost_breakdown: CostBreakdown;
    readonly usage_time: number;
    readonly task_executions: number;
    readonly total_cost_micros: string;
    readonly base_cost_micros: string;
    readonly usage_cost_micros: string;
    readonly task_cost_micros: string;
  }[];
}

/** An account that has been opened, with its first key unless that was shown before. */
export interface OpenedAccount {
  readonly account_id: string;
  readonly name: string;
  readonly roles: readonly ("customer" | "publisher" | "operator")[];
  readonly currency: Currency;
  readonly created_at: string;
  readonly key_id: string;
  readonly api_key?: string;
  readonly key_hint?: string;
  readonly message?: string;
}

/** An event that a read model had to pass over. */
export interface ParkedEvent {
  readonly projection: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly event_id: string;
  readonly reason: string;
  readonly [name: string]: unknown;
}

/** How well it went in the last 30 days; null before there is data. */
export interface Performance {
  readonly average_response_time: number | null;
  readonly success_rate: number | null;
  readonly availability: number | null;
}

/** A price plan; `price` is the one figure of the short form. */
export interface Pricing {
  readonly type: "per_request" | "per_minute" | "per_hour" | "hybrid";
  readonly price: Amount;
  readonly currency: Currency;
  readonly base_price: Amount;
  readonly base_period: "once" | "month";
  readonly price_per_request: Amount;
  readonly price_per_minute: Amount;
  readonly price_per_hour: Amount;
  readonly increment_s: number;
}

/** Problem details (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly trace_id: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly [name: string]: unknown;
}

/** A read model, where it stands and how far a rebuild of it is. */
export interface Projection {
  readonly name: string;
  readonly version: number;
  readonly position: string;
  readonly status: string;
  readonly parked?: number;
  readonly detail?: string;
  readonly collection?: string;
  readonly previous?: string | null;
  readonly progress?: {
    readonly collection: string;
    readonly events: number;
    readonly events_per_second: number;
    readonly percent: number;
    readonly seconds_left: number | null;
  } | null;
}

/** Whether every store can be reached. */
export interface Readiness {
  readonly status: "ready" | "unavailable";
  readonly version: string;
  readonly checks: { readonly event_store: { readonly ok: boolean }; readonly read_models: { readonly ok: boolean }; readonly system_store: { readonly ok: boolean } };
}

/** What became of reported usage. */
export interface RecordedUsage {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly results: readonly {
    readonly index: number;
    readonly id: unknown;
    readonly outcome: "accepted" | "duplicate" | "refused";
    readonly problem?: { readonly type: string; readonly title: string; readonly status: number; readonly detail: string; readonly [name: string]: unknown };
  }[];
}

/** What registering or changing an agent answers. */
export interface RegisteredAgent {
  readonly agent_id: string;
  readonly name: string;
  readonly version: string;
  readonly lifecycle_stage: "registered" | "active" | "deregistered";
  readonly docker_image?: string;
  readonly image_digest?: string;
  readonly message: string;
}

/** What agents earned in a currency. */
export interface Revenue {
  readonly currency: Currency;
  readonly as_of: string;
  readonly instances: number;
  readonly total_cost: Amount;
  readonly cost_breakdown: CostBreakdown;
  readonly usage_time: number;
  readonly task_executions: number;
  readonly total_cost_micros: string;
  readonly base_cost_micros: string;
  readonly usage_cost_micros: string;
  readonly task_cost_micros: string;
  readonly current_month_cost: Amount;
  readonly months: readonly MonthCost[];
  readonly agents: readonly AgentCost[];
}

/** A measurement of an instance. */
export interface Sample {
  readonly at: string;
  readonly cpu_percent: number | null;
  readonly memory_bytes: number | null;
  readonly memory_limit_bytes: number | null;
  readonly network_rx_bytes: number | null;
  readonly network_tx_bytes: number | null;
  readonly healthy: boolean;
  readonly response_ms: number | null;
}

/** A task on an instance; one that has only been admitted has neither time nor cost. */
export interface Task {
  readonly task_id: string;
  readonly instance_id: string;
  readonly agent_id: string | null;
  readonly endpoint: string;
  readonly status: "pending" | "running" | "completed" | "failed" | "timed_out" | "cancelled" | "lost";
  readonly execution_time?: number | null;
  readonly cost?: Amount;
  readonly usage?: { readonly requests: number; readonly result_bytes: number | null };
  readonly created_at: string;
  readonly completed_at?: string | null;
  readonly error?: {
    readonly code: string;
    readonly detail: string;
    readonly upstream_status: number | null;
    /** What the agent itself said, at most 16 KiB of JSON or text; kept for 24 hours. */
    readonly upstream_body?: unknown;
  };
  /** What the agent answered. Numbers are doubles: longer ones travel as strings. */
  readonly result?: unknown;
}

/** An instance's usage in a month. */
export interface UsageMonth {
  readonly instance_id: string;
  readonly month: string;
  readonly tasks: number;
  readonly meters: readonly { readonly meter: string; readonly quantity: Amount }[];
  readonly days: readonly {
    readonly day: string;
    readonly tasks: number;
    readonly records: number;
    readonly meters: readonly { readonly meter: string; readonly quantity: Amount }[];
  }[];
}

/** Show the account that the key belongs to */
export interface GetAccount {
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: Account;
}

/** Connections to your instances' agents that speak ACP */
export interface GetAcpStatus {
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: {
    readonly connected_agents: readonly string[];
    readonly total_connections: number;
    readonly connections: readonly { readonly instance_id: string; readonly agent_id: string; readonly connected_at: string | null }[];
  };
}

/** List accounts, the newest first */
export interface GetAdminAccounts {
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
    /** `next_cursor` of the page before. */
    readonly cursor?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly accounts: readonly Account[]; readonly next_cursor: string | null };
}

/** Open an account; its first API key is shown once */
export interface PostAdminAccounts {
  readonly header: { readonly "Idempotency-Key"?: string | undefined };
  readonly body: { readonly name: string; readonly roles: readonly ("customer" | "publisher" | "operator")[]; readonly currency?: Currency | undefined };
  readonly answer: OpenedAccount;
}

/** Show an account */
export interface GetAdminAccountsId {
  readonly path: { readonly id: string };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: Account;
}

/** What is wrong now, errors first */
export interface GetAdminAlerts {
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly alerts: readonly Alert[]; readonly next_cursor: null };
}

/** Copy the embedded stores into a new folder beside the data, while they are in use */
export interface PostAdminBackup {
  readonly header: { readonly "Idempotency-Key"?: string | undefined };
  readonly body: Readonly<Record<string, never>>;
  readonly answer: Backup;
}

/** Container engines and how they are */
export interface GetAdminEngines {
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly engines: readonly Engine[]; readonly next_cursor: null };
}

/** Everything that the installation is, one JSON a line: its events, its secrets sealed, a count and a hash */
export interface GetAdminExport {
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: string;
}

/** Read models, where they stand and how far a rebuild is */
export interface GetAdminProjections {
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly projections: readonly Projection[]; readonly head: string; readonly store_id: string; readonly next_cursor: null };
}

/** Events that read models had to pass over, with the reasons */
export interface GetAdminProjectionsParked {
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly parked: readonly ParkedEvent[]; readonly next_cursor: null };
}

/** Fold parked events once more, by building the read models anew that they concern */
export interface PostAdminProjectionsReplay {
  readonly header: { readonly "Idempotency-Key"?: string | undefined; readonly Prefer?: string | undefined };
  readonly body: Readonly<Record<string, never>>;
  readonly answer: { readonly projections: readonly string[] };
}

/** Remove what was live before */
export interface DeleteAdminProjectionsNamePrevious {
  readonly path: { readonly name: string };
  readonly answer: { readonly name: string; readonly dropped: string };
}

/** Build a read model anew beside the live one */
export interface PostAdminProjectionsNameRebuild {
  readonly path: { readonly name: string };
  readonly header: { readonly "Idempotency-Key"?: string | undefined; readonly Prefer?: string | undefined };
  readonly body: Readonly<Record<string, never>>;
  readonly answer: { readonly name: string; readonly message: string };
}

/** Make live what was live before */
export interface PostAdminProjectionsNameSwitch {
  readonly path: { readonly name: string };
  readonly header: { readonly "Idempotency-Key"?: string | undefined; readonly Prefer?: string | undefined };
  readonly body: Readonly<Record<string, never>>;
  readonly answer: { readonly name: string; readonly message: string };
}

/** List your agents, deregistered ones included */
export interface GetAgents {
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
    /** `next_cursor` of the page before. */
    readonly cursor?: string | undefined;
    /** Operators: whose. */
    readonly account_id?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly agents: readonly Agent[]; readonly next_cursor: string | null };
}

/** Register an agent that its publisher hosts */
export interface PostAgentsRegister {
  readonly header: { readonly "Idempotency-Key"?: string | undefined };
  readonly body: { readonly metadata: Manifest };
  readonly answer: RegisteredAgent;
}

/** Register an agent that runs from a Docker image */
export interface PostAgentsRegisterDocker {
  readonly header: { readonly "Idempotency-Key"?: string | undefined };
  readonly body: {
    readonly docker_image?: string | undefined;
    readonly metadata: Manifest;
    readonly registry_credentials?: { readonly username: string; readonly password: string; readonly registry?: string | undefined } | undefined;
  };
  readonly answer: RegisteredAgent;
}

/** Deregister an agent for ever; refused while an instance is live */
export interface DeleteAgentsId {
  readonly path: { readonly id: string };
  readonly answer: RegisteredAgent;
}

/** Show an agent */
export interface GetAgentsId {
  readonly path: { readonly id: string };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: Agent;
}

/** Change what describes an agent, or its price for new instances */
export interface PatchAgentsId {
  readonly path: { readonly id: string };
  readonly body: {
    readonly description?: string | undefined;
    readonly category?: string | undefined;
    readonly tags?: readonly string[] | undefined;
    readonly capabilities?: readonly string[] | undefined;
    readonly requirements?: readonly string[] | undefined;
    readonly runtime?: string | undefined;
    readonly author?: string | undefined;
    readonly license?: string | undefined;
    readonly documentation_url?: string | undefined;
    readonly repository_url?: string | undefined;
    readonly endpoints?: readonly {
      readonly path: string;
      readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
      readonly description?: string | undefined;
      readonly timeout?: number | undefined;
      readonly parameters?: Readonly<Record<string, unknown>> | undefined;
    }[] | undefined;
    readonly pricing?: {
      readonly type: "per_request" | "per_minute" | "per_hour" | "hybrid";
      readonly currency?: Currency | undefined;
      readonly price?: string | number | undefined;
      readonly base_price?: string | number | undefined;
      readonly base_period?: "once" | "month" | undefined;
      readonly price_per_request?: string | number | undefined;
      readonly price_per_minute?: string | number | undefined;
      readonly price_per_hour?: string | number | undefined;
      readonly increment_s?: number | undefined;
    } | undefined;
  };
  readonly answer: RegisteredAgent;
}

/** Publish a new version; instances that run keep theirs */
export interface PostAgentsIdVersions {
  readonly path: { readonly id: string };
  readonly header: { readonly "Idempotency-Key"?: string | undefined };
  readonly body: {
    readonly docker_image?: string | undefined;
    readonly metadata: Manifest;
    readonly registry_credentials?: { readonly username: string; readonly password: string; readonly registry?: string | undefined } | undefined;
  };
  readonly answer: RegisteredAgent;
}

/** List live API keys, the newest first */
export interface GetApiKeys {
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
    /** `next_cursor` of the page before. */
    readonly cursor?: string | undefined;
    /** Operators: whose. */
    readonly account_id?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly api_keys: readonly ApiKey[]; readonly next_cursor: string | null };
}

/** Issue an API key; it is shown once */
export interface PostApiKeys {
  readonly header: { readonly "Idempotency-Key"?: string | undefined };
  readonly body: {
    readonly label?: string | undefined;
    /** Makes a key that may only report the usage of this instance of an agent of yours. */
    readonly instance_id?: string | undefined;
  };
  readonly answer: ApiKey;
}

/** Revoke an API key, on open sockets too */
export interface DeleteApiKeysId {
  readonly path: { readonly id: string };
  readonly query: {
    /** Operators: whose. */
    readonly account_id?: string | undefined;
  };
  readonly answer: { readonly key_id: string; readonly revoked: true; readonly message: string };
}

/** The live feed as AsyncAPI 3 */
export interface GetAsyncapiJson {
  readonly answer: Readonly<Record<string, unknown>>;
}

/** Recompute bills from the events alone and compare them with what the API shows */
export interface GetBillingAudit {
  readonly query: {
    readonly account?: string | undefined;
    readonly instance?: string | undefined;
    readonly period?: string | undefined;
    readonly as_of?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: Audit;
}

/** What every month cost, the newest first */
export interface GetBillingHistory {
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
    /** `next_cursor` of the page before. */
    readonly cursor?: string | undefined;
    /** Operators: whose. */
    readonly account_id?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: {
    readonly customer_id: string;
    readonly currency: Currency;
    readonly as_of: string;
    readonly months: readonly MonthCost[];
    readonly next_cursor: string | null;
  };
}

/** The bill of an instance, lifetime and by month */
export interface GetBillingInstancesId {
  readonly path: { readonly id: string };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: InstanceBill;
}

/** What everything cost, by month and by agent */
export interface GetBillingSummary {
  readonly query: {
    readonly month?: string | undefined;
    /** Operators: whose. */
    readonly account_id?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: BillingSummary | MonthSummary;
}

/** This interface for people */
export interface GetDocs {
  readonly answer: string;
}

/** The same as /readyz */
export interface GetHealth {
  readonly answer: Readiness;
}

/** Whether the process lives */
export interface GetLivez {
  readonly answer: { readonly status: "alive" };
}

/** Discover agents */
export interface GetMarketplaceAgents {
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
    /** `next_cursor` of the page before. */
    readonly cursor?: string | undefined;
    readonly category?: string | undefined;
    readonly tag?: string | undefined;
    /** Words that name, tags, category or description hold. */
    readonly q?: string | undefined;
    /** The same as q. */
    readonly search?: string | undefined;
    readonly protocol?: "http" | "acp" | undefined;
    readonly type?: "docker" | "standard" | undefined;
    readonly publisher_id?: string | undefined;
    readonly pricing_type?: "per_request" | "per_minute" | "per_hour" | "hybrid" | undefined;
    readonly currency?: Currency | undefined;
    /** true: only agents with a free slot. */
    readonly available?: boolean | undefined;
    readonly sort?: "newest" | "name" | "popularity" | "success_rate" | "price" | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly agents: readonly Agent[]; readonly next_cursor: string | null };
}

/** Show an agent that is offered */
export interface GetMarketplaceAgentsId {
  readonly path: { readonly id: string };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: Agent;
}

/** Instances, cost, activity and resources at a glance */
export interface GetMarketplaceDashboard {
  readonly query: {
    /** Operators: whose. */
    readonly account_id?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: Dashboard;
}

/** List your instances, the newest first */
export interface GetMarketplaceInstances {
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
    /** `next_cursor` of the page before. */
    readonly cursor?: string | undefined;
    readonly status?: InstanceStatus | undefined;
    readonly agent_id?: string | undefined;
    /** `name=value` */
    readonly label?: string | undefined;
    /** Shows instances that ended more than 30 days ago, too. */
    readonly include?: "terminated" | undefined;
    /** Operators: whose. */
    readonly customer_id?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly instances: readonly Instance[]; readonly next_cursor: string | null };
}

/** Create an instance of an agent */
export interface PostMarketplaceInstances {
  readonly header: { readonly "Idempotency-Key"?: string | undefined; readonly Prefer?: string | undefined };
  readonly body: {
    readonly agent_id: string;
    readonly instance_config?: {
      /** At most what the agent's manifest allows; an operator may ask for more. */
      readonly memory_limit?: string | undefined;
      /** At most what the agent's manifest allows; an operator may ask for more. */
      readonly cpu_limit?: string | number | undefined;
      readonly environment?: Readonly<Record<string, string>> | undefined;
      readonly labels?: Readonly<Record<string, string>> | undefined;
    } | undefined;
  };
  readonly answer: Instance;
}

/** Terminate an instance for good */
export interface DeleteMarketplaceInstancesId {
  readonly path: { readonly id: string };
  readonly header: { readonly Prefer?: string | undefined };
  readonly answer: Instance;
}

/** Show an instance */
export interface GetMarketplaceInstancesId {
  readonly path: { readonly id: string };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: Instance;
}

/** What happened to an instance, the oldest first, in words */
export interface GetMarketplaceInstancesIdEvents {
  readonly path: { readonly id: string };
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
    /** `next_cursor` of the page before. */
    readonly cursor?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly events: readonly HistoryEvent[]; readonly next_cursor: string | null };
}

/** Execute a task on an instance */
export interface PostMarketplaceInstancesIdExecute {
  readonly path: { readonly id: string };
  readonly header: { readonly "Idempotency-Key"?: string | undefined; readonly Prefer?: string | undefined };
  readonly body: {
    readonly endpoint: string;
    /** What the agent gets, as JSON. Numbers are doubles: give longer ones as strings. */
    readonly parameters?: unknown;
    /** Seconds. */
    readonly timeout?: number | undefined;
  };
  readonly answer: Task;
}

/** What an instance printed */
export interface GetMarketplaceInstancesIdLogs {
  readonly path: { readonly id: string };
  readonly query: {
    readonly tail?: number | undefined;
    readonly since?: string | undefined;
    /** Stays open and sends lines as they come, one JSON a line or as server-sent events. */
    readonly follow?: boolean | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly instance_id: string; readonly logs: readonly LogLine[] };
}

/** Samples of an instance, the oldest first */
export interface GetMarketplaceInstancesIdMetrics {
  readonly path: { readonly id: string };
  readonly query: { readonly from?: string | undefined; readonly to?: string | undefined; readonly limit?: number | undefined };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly instance_id: string; readonly from: string; readonly to: string; readonly interval_s: number; readonly metrics: readonly Sample[] };
}

/** Pause an instance; a paused instance costs nothing */
export interface PostMarketplaceInstancesIdPause {
  readonly path: { readonly id: string };
  readonly header: { readonly "Idempotency-Key"?: string | undefined; readonly Prefer?: string | undefined };
  readonly body: Readonly<Record<string, never>>;
  readonly answer: Instance;
}

/** Resume a paused instance */
export interface PostMarketplaceInstancesIdResume {
  readonly path: { readonly id: string };
  readonly header: { readonly "Idempotency-Key"?: string | undefined; readonly Prefer?: string | undefined };
  readonly body: Readonly<Record<string, never>>;
  readonly answer: Instance;
}

/** Tasks of an instance, the newest first */
export interface GetMarketplaceInstancesIdTasks {
  readonly path: { readonly id: string };
  readonly query: {
    /** How many at most. */
    readonly limit?: number | undefined;
    /** `next_cursor` of the page before. */
    readonly cursor?: string | undefined;
    readonly status?: "running" | "completed" | "failed" | "timed_out" | "cancelled" | "lost" | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly tasks: readonly Task[]; readonly next_cursor: string | null };
}

/** Usage of an instance in a month, by day */
export interface GetMarketplaceInstancesIdUsage {
  readonly path: { readonly id: string };
  readonly query: { readonly month?: string | undefined };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: UsageMonth;
}

/** Figures for Prometheus */
export interface GetMetrics {
  readonly answer: string;
}

/** This interface as OpenAPI 3.1 */
export interface GetOpenapiJson {
  readonly answer: Readonly<Record<string, unknown>>;
}

/** What a problem type means */
export interface GetProblemsSlug {
  readonly path: { readonly slug: string };
  readonly answer: { readonly type: string; readonly title: string; readonly status: number; readonly remedy: string };
}

/** What your agents earned, by currency, month and agent */
export interface GetPublisherRevenue {
  readonly query: {
    /** Operators: whose. */
    readonly account_id?: string | undefined;
  };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: { readonly publisher_id: string; readonly as_of: string; readonly revenue: readonly Revenue[] };
}

/** Whether every store can be reached */
export interface GetReadyz {
  readonly answer: Readiness;
}

/** Show a task; its result is kept for 24 hours */
export interface GetTasksId {
  readonly path: { readonly id: string };
  readonly header: { readonly "AgentHub-Min-Cursor"?: string | undefined };
  readonly answer: Task;
}

/** Cancel a task; it costs nothing */
export interface PostTasksIdCancel {
  readonly path: { readonly id: string };
  readonly header: { readonly "Idempotency-Key"?: string | undefined };
  readonly body: Readonly<Record<string, never>>;
  readonly answer: Task;
}

/** Report usage as CloudEvents: one, a batch, or one a line; the same source and id is counted once */
export interface PostUsageEvents {
  readonly header: {
    readonly "Idempotency-Key"?: string | undefined;
    readonly "ce-specversion"?: string | undefined;
    readonly "ce-id"?: string | undefined;
    readonly "ce-source"?: string | undefined;
    readonly "ce-type"?: string | undefined;
    readonly "ce-time"?: string | undefined;
    readonly "ce-subject"?: string | undefined;
  };
  readonly body: {
    readonly specversion: "1.0";
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly time: string;
    readonly subject?: string | undefined;
    readonly data: { readonly instance_id?: string | undefined; readonly meter: string; readonly quantity: string | number };
    readonly [name: string]: unknown;
  } | readonly {
    readonly specversion: "1.0";
    readonly id: string;
    readonly source: string;
    readonly type: string;
    readonly time: string;
    readonly subject?: string | undefined;
    readonly data: { readonly instance_id?: string | undefined; readonly meter: string; readonly quantity: string | number };
    readonly [name: string]: unknown;
  }[];
  readonly answer: RecordedUsage;
}

/** Every operation by method and path. */
export interface Operations {
  readonly "GET /account": GetAccount;
  readonly "GET /acp/status": GetAcpStatus;
  readonly "GET /admin/accounts": GetAdminAccounts;
  readonly "POST /admin/accounts": PostAdminAccounts;
  readonly "GET /admin/accounts/{id}": GetAdminAccountsId;
  readonly "GET /admin/alerts": GetAdminAlerts;
  readonly "POST /admin/backup": PostAdminBackup;
  readonly "GET /admin/engines": GetAdminEngines;
  readonly "GET /admin/export": GetAdminExport;
  readonly "GET /admin/projections": GetAdminProjections;
  readonly "GET /admin/projections/parked": GetAdminProjectionsParked;
  readonly "POST /admin/projections/replay": PostAdminProjectionsReplay;
  readonly "DELETE /admin/projections/{name}/previous": DeleteAdminProjectionsNamePrevious;
  readonly "POST /admin/projections/{name}/rebuild": PostAdminProjectionsNameRebuild;
  readonly "POST /admin/projections/{name}/switch": PostAdminProjectionsNameSwitch;
  readonly "GET /agents": GetAgents;
  readonly "POST /agents/register": PostAgentsRegister;
  readonly "POST /agents/register-docker": PostAgentsRegisterDocker;
  readonly "DELETE /agents/{id}": DeleteAgentsId;
  readonly "GET /agents/{id}": GetAgentsId;
  readonly "PATCH /agents/{id}": PatchAgentsId;
  readonly "POST /agents/{id}/versions": PostAgentsIdVersions;
  readonly "GET /api-keys": GetApiKeys;
  readonly "POST /api-keys": PostApiKeys;
  readonly "DELETE /api-keys/{id}": DeleteApiKeysId;
  readonly "GET /asyncapi.json": GetAsyncapiJson;
  readonly "GET /billing/audit": GetBillingAudit;
  readonly "GET /billing/history": GetBillingHistory;
  readonly "GET /billing/instances/{id}": GetBillingInstancesId;
  readonly "GET /billing/summary": GetBillingSummary;
  readonly "GET /docs": GetDocs;
  readonly "GET /health": GetHealth;
  readonly "GET /livez": GetLivez;
  readonly "GET /marketplace/agents": GetMarketplaceAgents;
  readonly "GET /marketplace/agents/{id}": GetMarketplaceAgentsId;
  readonly "GET /marketplace/dashboard": GetMarketplaceDashboard;
  readonly "GET /marketplace/instances": GetMarketplaceInstances;
  readonly "POST /marketplace/instances": PostMarketplaceInstances;
  readonly "DELETE /marketplace/instances/{id}": DeleteMarketplaceInstancesId;
  readonly "GET /marketplace/instances/{id}": GetMarketplaceInstancesId;
  readonly "GET /marketplace/instances/{id}/events": GetMarketplaceInstancesIdEvents;
  readonly "POST /marketplace/instances/{id}/execute": PostMarketplaceInstancesIdExecute;
  readonly "GET /marketplace/instances/{id}/logs": GetMarketplaceInstancesIdLogs;
  readonly "GET /marketplace/instances/{id}/metrics": GetMarketplaceInstancesIdMetrics;
  readonly "POST /marketplace/instances/{id}/pause": PostMarketplaceInstancesIdPause;
  readonly "POST /marketplace/instances/{id}/resume": PostMarketplaceInstancesIdResume;
  readonly "GET /marketplace/instances/{id}/tasks": GetMarketplaceInstancesIdTasks;
  readonly "GET /marketplace/instances/{id}/usage": GetMarketplaceInstancesIdUsage;
  readonly "GET /metrics": GetMetrics;
  readonly "GET /openapi.json": GetOpenapiJson;
  readonly "GET /problems/{slug}": GetProblemsSlug;
  readonly "GET /publisher/revenue": GetPublisherRevenue;
  readonly "GET /readyz": GetReadyz;
  readonly "GET /tasks/{id}": GetTasksId;
  readonly "POST /tasks/{id}/cancel": PostTasksIdCancel;
  readonly "POST /usage/events": PostUsageEvents;
}

/** Begins to hear topics; acknowledged with {ok, cursor} or {ok: false, problem} */
export interface Subscribe {
  readonly topics: readonly string[];
  readonly since?: string | undefined;
}

/** No longer hears topics */
export interface Unsubscribe {
  readonly topics: readonly string[];
}

/** What the live feed sends, by name. */
export interface LiveEvents {
  /** What the topics look like now; frames follow */
  readonly snapshot: { readonly cursor: string; readonly at: string; readonly topics: Readonly<Record<string, unknown>> };
  /** What was missed is no longer kept; a snapshot follows */
  readonly resync_required: { readonly at: string; readonly detail: string };
  /** A message was refused (RFC 9457) */
  readonly problem: { readonly type: string; readonly status: number; readonly detail: string; readonly [name: string]: unknown };
  /** Tells of instance status */
  readonly "instance.status": {
    readonly cursor?: string;
    readonly at: string;
    readonly type: "instance.status";
    readonly data: {
      readonly instance_id: string;
      readonly agent_id: string | null;
      readonly status: InstanceStatus;
      readonly lifecycle_stage: string;
      readonly event: string;
      readonly reason: string | null;
      readonly description: string;
    };
  };
  /** Tells of instance health */
  readonly "instance.health": {
    readonly cursor?: string;
    readonly at: string;
    readonly type: "instance.health";
    readonly data: {
      readonly instance_id: string;
      readonly agent_id: string | null;
      readonly healthy: boolean;
      readonly last_heartbeat: string | null;
      readonly reason: string | null;
    };
  };
  /** Tells of agent changed */
  readonly "agent.changed": {
    readonly cursor?: string;
    readonly at: string;
    readonly type: "agent.changed";
    readonly data: { readonly agent_id: string; readonly change: string; readonly description: string };
  };
  /** Tells of instance metrics */
  readonly "instance.metrics": {
    readonly cursor?: string;
    readonly at: string;
    readonly type: "instance.metrics";
    readonly data: {
      readonly instance_id: string;
      readonly cpu_usage: number | null;
      readonly memory_usage: number | null;
      readonly network_usage: number | null;
      readonly memory_bytes: number | null;
      readonly memory_limit_bytes: number | null;
      readonly network_rx_bytes: number | null;
      readonly network_tx_bytes: number | null;
      readonly healthy: boolean;
      readonly response_ms: number | null;
      readonly sampled_at: string;
    };
  };
  /** Tells of cost update */
  readonly "cost.update": {
    readonly cursor?: string;
    readonly at: string;
    readonly type: "cost.update";
    readonly data: {
      readonly instance_id: string;
      readonly total_cost: Amount;
      readonly total_cost_micros: string;
      readonly rate_per_hour: Amount;
      readonly rate_per_hour_micros: string;
      readonly as_of: string;
    };
  };
}
