import { type LiveConnection, connectLive } from "./live.ts";
import { readLines, splitLines } from "./lines.ts";
import type { BillingSummary, Manifest, MonthSummary, Operations } from "./schema.ts";
import { type ClientOptions, type RequestOptions, Transport } from "./transport.ts";
import type { BodyOf, InstanceConfig, LogEntry, QueryOf, RegistryCredentials, UsageEvent } from "./types.ts";

export type * from "./schema.ts";

/** What a caller may say about waiting, identity and cancellation of one request. */
export type CallOptions = Pick<RequestOptions, "wait" | "idempotencyKey" | "signal">;

type Operation = keyof Operations;
type Input<K extends Operation> = Omit<Operations[K], "query" | "header" | "answer"> & { readonly query?: QueryOf<K> | undefined };
type Answer<K extends Operation> = Promise<Operations[K]["answer"]>;

/** Every endpoint of the REST interface as a method, and the live feed. */
export class AgentHubClient {
  readonly transport: Transport;
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.transport = new Transport(options);
  }

  #call<K extends Operation>(operation: K, input: Input<K>, options: CallOptions & Pick<RequestOptions, "contentType"> = {}): Answer<K> {
    const [method = "", template = ""] = operation.split(" ");
    const { path = {}, query, body } = input as { path?: Readonly<Record<string, string>>; query?: RequestOptions["query"]; body?: unknown };
    const address = template.replaceAll(/\{(\w+)\}/g, (_braced, name: string) => encodeURIComponent(path[name] ?? ""));
    return this.transport.json(method, address, { ...options, query, body });
  }

  // Publishers' side.
  registerAgent = (metadata: Manifest, options?: CallOptions) => this.#call("POST /agents/register", { body: { metadata } }, options);
  registerDockerAgent = (docker_image: string | undefined, metadata: Manifest, registry_credentials?: RegistryCredentials, options?: CallOptions) =>
    this.#call("POST /agents/register-docker", { body: { docker_image, metadata, registry_credentials } }, options);
  listAgents = (query?: QueryOf<"GET /agents">) => this.#call("GET /agents", { query });
  getAgent = (id: string) => this.#call("GET /agents/{id}", { path: { id } });
  updateAgent = (id: string, body: BodyOf<"PATCH /agents/{id}">) => this.#call("PATCH /agents/{id}", { path: { id }, body });
  publishVersion = (id: string, body: BodyOf<"POST /agents/{id}/versions">, options?: CallOptions) => this.#call("POST /agents/{id}/versions", { path: { id }, body }, options);
  deregisterAgent = (id: string) => this.#call("DELETE /agents/{id}", { path: { id } });
  publisherRevenue = () => this.#call("GET /publisher/revenue", {});

  // Customers' side.
  discoverAgents = (query?: QueryOf<"GET /marketplace/agents">) => this.#call("GET /marketplace/agents", { query });
  getMarketplaceAgent = (id: string) => this.#call("GET /marketplace/agents/{id}", { path: { id } });
  createInstance = (agent_id: string, instance_config?: InstanceConfig, options?: CallOptions) =>
    this.#call("POST /marketplace/instances", { body: { agent_id, instance_config } }, options);
  listInstances = (query?: QueryOf<"GET /marketplace/instances">, options?: CallOptions) => this.#call("GET /marketplace/instances", { query }, options);
  getInstance = (id: string, options?: CallOptions) => this.#call("GET /marketplace/instances/{id}", { path: { id } }, options);
  pauseInstance = (id: string, options?: CallOptions) => this.#call("POST /marketplace/instances/{id}/pause", { path: { id }, body: {} }, options);
  resumeInstance = (id: string, options?: CallOptions) => this.#call("POST /marketplace/instances/{id}/resume", { path: { id }, body: {} }, options);
  terminateInstance = (id: string, options?: CallOptions) => this.#call("DELETE /marketplace/instances/{id}", { path: { id } }, options);
  executeTask = (id: string, body: BodyOf<"POST /marketplace/instances/{id}/execute">, options?: CallOptions) =>
    this.#call("POST /marketplace/instances/{id}/execute", { path: { id }, body }, options);
  instanceEvents = (id: string, query?: QueryOf<"GET /marketplace/instances/{id}/events">) => this.#call("GET /marketplace/instances/{id}/events", { path: { id }, query });
  instanceMetrics = (id: string, query?: QueryOf<"GET /marketplace/instances/{id}/metrics">) => this.#call("GET /marketplace/instances/{id}/metrics", { path: { id }, query });
  instanceUsage = (id: string, query?: QueryOf<"GET /marketplace/instances/{id}/usage">) => this.#call("GET /marketplace/instances/{id}/usage", { path: { id }, query });
  instanceTasks = (id: string, query?: QueryOf<"GET /marketplace/instances/{id}/tasks">) => this.#call("GET /marketplace/instances/{id}/tasks", { path: { id }, query });
  getTask = (id: string) => this.#call("GET /tasks/{id}", { path: { id } });
  cancelTask = (id: string) => this.#call("POST /tasks/{id}/cancel", { path: { id }, body: {} });
  dashboard = () => this.#call("GET /marketplace/dashboard", {});

  // Usage and money.
  recordUsage = (body: UsageEvent | readonly UsageEvent[]) =>
    this.#call("POST /usage/events", { body }, { contentType: Array.isArray(body) ? "application/cloudevents-batch+json" : "application/cloudevents+json" });
  billingSummary = () => this.#call("GET /billing/summary", {}) as Promise<BillingSummary>;
  monthSummary = (month: string) => this.#call("GET /billing/summary", { query: { month } }) as Promise<MonthSummary>;
  billingHistory = (query?: QueryOf<"GET /billing/history">) => this.#call("GET /billing/history", { query });
  instanceBilling = (id: string) => this.#call("GET /billing/instances/{id}", { path: { id } });
  audit = (query?: QueryOf<"GET /billing/audit">) => this.#call("GET /billing/audit", { query });

  // Accounts and operation.
  createAccount = (body: BodyOf<"POST /admin/accounts">) => this.#call("POST /admin/accounts", { body });
  listAccounts = (query?: QueryOf<"GET /admin/accounts">) => this.#call("GET /admin/accounts", { query });
  ownAccount = () => this.#call("GET /account", {});
  listAlerts = () => this.#call("GET /admin/alerts", {});
  listEngines = () => this.#call("GET /admin/engines", {});
  listApiKeys = () => this.#call("GET /api-keys", {});
  createApiKey = (body: BodyOf<"POST /api-keys">) => this.#call("POST /api-keys", { body });
  revokeApiKey = (id: string) => this.#call("DELETE /api-keys/{id}", { path: { id } });
  listProjections = () => this.#call("GET /admin/projections", {});
  rebuildProjection = (name: string) => this.#call("POST /admin/projections/{name}/rebuild", { path: { name }, body: {} });
  switchProjection = (name: string) => this.#call("POST /admin/projections/{name}/switch", { path: { name }, body: {} });
  dropPreviousProjection = (name: string) => this.#call("DELETE /admin/projections/{name}/previous", { path: { name } });
  listParked = (query?: QueryOf<"GET /admin/projections/parked">) => this.#call("GET /admin/projections/parked", { query });
  replayParked = () => this.#call("POST /admin/projections/replay", { body: {} });
  backup = () => this.#call("POST /admin/backup", { body: {} });
  ready = () => this.#call("GET /readyz", {});
  alive = (options?: CallOptions) => this.transport.send("GET", "/livez", options);
  openapi = () => this.#call("GET /openapi.json", {});

  /** The container's output, line by line, for as long as `follow` asks and the server sends. */
  async *logs(id: string, query: QueryOf<"GET /marketplace/instances/{id}/logs"> = {}, signal?: AbortSignal): AsyncGenerator<LogEntry> {
    yield* readLines(await this.transport.send("GET", `/marketplace/instances/${encodeURIComponent(id)}/logs`, { query: { ...query }, signal }));
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
