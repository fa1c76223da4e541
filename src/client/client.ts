import { type LiveConnection, connectLive } from "./live.ts";
import { readLines, splitLines } from "./lines.ts";
import { type ClientOptions, type RequestOptions, Transport } from "./transport.ts";
import type {
  Account, Agent, ApiKey, Audit, Dashboard, Document, HistoryEvent, Instance, InstanceConfig, LogEntry, Page, PageQuery,
  RegistryCredentials, Registration, Task, TaskRequest, UsageReceipt,
} from "./types.ts";

/** What a caller may say about waiting, identity and cancellation of one request. */
export type CallOptions = Pick<RequestOptions, "wait" | "idempotencyKey" | "signal">;
/** What narrows and orders the marketplace. */
export type Discovery = PageQuery & Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

const at = (parts: TemplateStringsArray, ...ids: string[]) => String.raw({ raw: parts.raw }, ...ids.map(encodeURIComponent));

/** Every endpoint of the REST interface as a method, and the live feed. */
export class AgentHubClient {
  readonly transport: Transport;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.transport = new Transport(options);
  }

  #get<T>(path: string, query: RequestOptions["query"] = {}, options: CallOptions = {}): Promise<T> {
    return this.transport.json<T>("GET", path, { ...options, query });
  }

  #post<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
    return this.transport.json<T>("POST", path, { ...options, body: body ?? {} });
  }

  // Publishers' side.
  registerAgent = (metadata: unknown, options?: CallOptions) => this.#post<Registration>("/agents/register", { metadata }, options);
  registerDockerAgent = (docker_image: string | undefined, metadata: unknown, registry_credentials?: RegistryCredentials, options?: CallOptions) =>
    this.#post<Registration>("/agents/register-docker", { docker_image, metadata, registry_credentials }, options);
  listAgents = (query?: PageQuery & { mine?: boolean }) => this.#get<Page<"agents", Agent>>("/agents", { ...query });
  getAgent = (id: string) => this.#get<Agent>(at`/agents/${id}`);
  updateAgent = (id: string, changes: unknown) => this.transport.json<Registration>("PATCH", at`/agents/${id}`, { body: changes });
  publishVersion = (id: string, body: { metadata: unknown; docker_image?: string | undefined; registry_credentials?: RegistryCredentials | undefined }, options?: CallOptions) =>
    this.#post<Registration>(at`/agents/${id}/versions`, body, options);
  deregisterAgent = (id: string) => this.transport.json<Registration>("DELETE", at`/agents/${id}`);
  publisherRevenue = () => this.#get<Document>("/publisher/revenue");

  // Customers' side.
  discoverAgents = (query?: Discovery) => this.#get<Page<"agents", Agent>>("/marketplace/agents", query);
  getMarketplaceAgent = (id: string) => this.#get<Agent>(at`/marketplace/agents/${id}`);
  createInstance = (agent_id: string, instance_config?: InstanceConfig, options?: CallOptions) =>
    this.#post<Instance>("/marketplace/instances", { agent_id, instance_config }, options);
  listInstances = (query?: PageQuery & { status?: string | undefined; agent_id?: string | undefined; include?: string | undefined }, options?: CallOptions) =>
    this.#get<Page<"instances", Instance>>("/marketplace/instances", { ...query }, options);
  getInstance = (id: string, options?: CallOptions) => this.#get<Instance>(at`/marketplace/instances/${id}`, {}, options);
  pauseInstance = (id: string, options?: CallOptions) => this.#post<Instance>(at`/marketplace/instances/${id}/pause`, {}, options);
  resumeInstance = (id: string, options?: CallOptions) => this.#post<Instance>(at`/marketplace/instances/${id}/resume`, {}, options);
  terminateInstance = (id: string, options?: CallOptions) => this.transport.json<Instance>("DELETE", at`/marketplace/instances/${id}`, { ...options });
  executeTask = (id: string, task: TaskRequest, options?: CallOptions) => this.#post<Task>(at`/marketplace/instances/${id}/execute`, task, options);
  instanceEvents = (id: string, query?: PageQuery) => this.#get<Page<"events", HistoryEvent>>(at`/marketplace/instances/${id}/events`, { ...query });
  instanceMetrics = (id: string, query?: { from?: string | undefined; to?: string | undefined; limit?: number | undefined }) =>
    this.#get<Document>(at`/marketplace/instances/${id}/metrics`, { ...query });
  instanceUsage = (id: string, query?: { month?: string | undefined }) => this.#get<Document>(at`/marketplace/instances/${id}/usage`, { ...query });
  instanceTasks = (id: string, query?: PageQuery) => this.#get<Page<"tasks", Task>>(at`/marketplace/instances/${id}/tasks`, { ...query });
  getTask = (id: string) => this.#get<Task>(at`/tasks/${id}`);
  cancelTask = (id: string) => this.#post<Task>(at`/tasks/${id}/cancel`, {});
  dashboard = () => this.#get<Dashboard>("/marketplace/dashboard");

  // Usage and money.
  recordUsage = (events: Document | readonly Document[]) => this.transport.json<UsageReceipt>("POST", "/usage/events", {
    body: events, contentType: Array.isArray(events) ? "application/cloudevents-batch+json" : "application/cloudevents+json",
  });
  billingSummary = (query?: { month?: string | undefined }) => this.#get<Document>("/billing/summary", { ...query });
  billingHistory = (query?: PageQuery) => this.#get<Document>("/billing/history", { ...query });
  instanceBilling = (id: string) => this.#get<Document>(at`/billing/instances/${id}`);
  audit = (query?: { account?: string | undefined; instance?: string | undefined; period?: string | undefined; as_of?: string | undefined }) => this.#get<Audit>("/billing/audit", { ...query });

  // Accounts and operation.
  createAccount = (account: { name: string; roles: readonly string[]; currency?: string | undefined }) => this.#post<Account>("/admin/accounts", account);
  listAccounts = (query?: PageQuery) => this.#get<Page<"accounts", Account>>("/admin/accounts", { ...query });
  ownAccount = () => this.#get<Account>("/account");
  listEngines = () => this.#get<Document>("/admin/engines");
  listProjections = () => this.#get<Page<"projections", Document>>("/admin/projections");
  rebuildProjection = (name: string) => this.#post<Document>(at`/admin/projections/${name}/rebuild`, {});
  switchProjection = (name: string) => this.#post<Document>(at`/admin/projections/${name}/switch`, {});
  dropPreviousProjection = (name: string) => this.transport.json<Document>("DELETE", at`/admin/projections/${name}/previous`);
  listParked = (query?: { limit?: number }) => this.#get<Page<"parked", Document>>("/admin/projections/parked", { ...query });
  replayParked = () => this.#post<{ readonly projections: readonly string[] }>("/admin/projections/replay", {});
  backup = () => this.#post<Document>("/admin/backup", {});
  listApiKeys = () => this.#get<Page<"api_keys", ApiKey>>("/api-keys");
  createApiKey = (key: { label?: string | undefined; instance_id?: string | undefined }) => this.#post<ApiKey>("/api-keys", key);
  revokeApiKey = (id: string) => this.transport.json<unknown>("DELETE", at`/api-keys/${id}`);
  ready = () => this.#get<Document>("/readyz");
  alive = (options?: CallOptions) => this.transport.send("GET", "/livez", options);
  openapi = () => this.#get<Document>("/openapi.json");

  /** The container's output, line by line, for as long as `follow` asks and the server sends. */
  async *logs(id: string, query: { tail?: number | undefined; follow?: boolean | undefined; since?: string | undefined } = {}, signal?: AbortSignal): AsyncGenerator<LogEntry> {
    const response = await this.transport.send("GET", at`/marketplace/instances/${id}/logs`, { query, signal });
    yield* readLines(response);
  }

  /** Everything that the installation is, line by line; the last line counts and hashes those before it. */
  async *exportLines(): AsyncGenerator<string> {
    const { body } = await this.transport.send("GET", "/admin/export");
    if (body !== null) yield* splitLines(body);
  }

  /** Subscribes to topics such as `instances` or `instance:<id>`; frames arrive until it is closed. */
  live(topics: readonly string[], since?: string, onConnection?: (connected: boolean) => void): LiveConnection {
    return connectLive({ server: this.transport.server, apiKey: this.transport.apiKey, topics, since, signal: this.#options.signal, onConnection });
  }
}
