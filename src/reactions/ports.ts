import type { Resources } from "#domain/agent/resources.ts";

export type { AgentDriver, AgentEvent, AgentFailureCode, AgentRequest, AgentTarget, ProbeResult } from "./driver.ts";

/**
 * What is not derived from events and must survive a rebuild: secrets, task results, leases, the installation's id.
 * A database (or file) of its own.
 */
export interface SystemStore {
  put(kind: string, key: string, value: unknown, expiresAt?: number): Promise<void>;
  /** Null when absent or expired. */
  get(kind: string, key: string, now: number): Promise<unknown>;
  remove(kind: string, key: string): Promise<void>;
  /** In the order of their keys. */
  list(kind: string, after: string, limit: number): Promise<{ key: string; value: unknown; expires_at: number | null }[]>;
  /** Writes only where nothing is; answers what is there afterwards. */
  putIfAbsent(kind: string, key: string, value: unknown, expiresAt?: number): Promise<unknown>;
  /** Removes what expired before `now` (ms); answers how many. */
  purge(now: number): Promise<number>;
  /** Takes or renews a lease; the epoch grows with every new owner. Null while another owner holds it. */
  acquireLease(name: string, owner: string, ttlMs: number, now: number): Promise<{ epoch: number } | null>;
  releaseLease(name: string, owner: string): Promise<void>;
  health(): Promise<{ ok: boolean; detail?: string }>;
  close(): Promise<void>;
}

/** The kind of the entries that hold sealed secrets; their key is the reference. */
export const secretKind = "secret";

/** One sample of an instance. Telemetry is never an event. */
export interface MetricSample {
  readonly instance_id: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Percent of one core. */
  readonly cpu_percent: number | null;
  readonly memory_bytes: number | null;
  readonly memory_limit_bytes: number | null;
  /** Since the container started. */
  readonly network_rx_bytes: number | null;
  readonly network_tx_bytes: number | null;
  readonly healthy: boolean;
  /** How long the probe took. */
  readonly response_ms: number | null;
}

/** Samples over time. */
export interface Metrics {
  record(samples: readonly MetricSample[]): Promise<void>;
  latest(instanceIds: readonly string[]): Promise<MetricSample[]>;
  /** Oldest first, `from` inclusive, `to` exclusive (ms). */
  range(instanceId: string, from: number, to: number, limit: number): Promise<MetricSample[]>;
  /** Removes what is older than `before` (ms). */
  purge(before: number): Promise<void>;
}

/** Registry credentials. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
  readonly registry?: string | undefined;
}

/** What a container is created from. Its name derives from instance and attempt, so a retry adopts and never duplicates. */
export interface ContainerSpec {
  readonly instance_id: string;
  readonly attempt: number;
  readonly account_id: string;
  /** Digest reference or image id: what was pinned, not the tag. */
  readonly image: string;
  /** The agent's port inside the container. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly resources: Resources;
  /** Seconds. */
  readonly stop_grace: number;
}

/** A container as the engine shows it. */
export interface ObservedContainer {
  readonly container_id: string;
  readonly instance_id: string;
  readonly attempt: number;
  readonly state: "created" | "running" | "paused" | "exited";
  /** ISO instants. */
  readonly created_at: string;
  readonly started_at: string | null;
  /** Null, too, when nobody knows. */
  readonly finished_at: string | null;
  readonly exit_code: number | null;
  readonly out_of_memory: boolean;
  /** It ended because its engine did. */
  readonly ended_with_engine?: boolean | undefined;
  /** Base URL of the agent; null while the engine publishes no port. */
  readonly address: string | null;
}

/** Progress of an image pull: bytes done and known in all. */
export interface PullProgress {
  readonly image: string;
  readonly done_bytes: number;
  readonly total_bytes: number;
  readonly percent: number;
}

/** A line of a container's output. */
export interface LogLine {
  readonly at: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** A container engine. Only containers of this installation exist for it. */
export interface ContainerRuntime {
  readonly name: string;
  health(): Promise<{ ok: boolean; version?: string; detail?: string }>;
  /**
   * Makes sure that an image is there and answers its digest reference (or image id when no registry knows it).
   * Throws RuntimeError with code image-not-found, image-pull-unauthorized or image-pull-failed.
   */
  pull(image: string, options: {
    policy: "missing" | "always"; credentials?: RegistryCredentials | undefined;
    onProgress?: ((progress: PullProgress) => void) | undefined; signal?: AbortSignal | undefined;
  }): Promise<string>;
  /** Creates or adopts the attempt's container and starts it. */
  start(spec: ContainerSpec): Promise<ObservedContainer>;
  /** The instance's container with the highest attempt, or null. */
  inspect(instanceId: string): Promise<ObservedContainer | null>;
  pause(containerId: string): Promise<void>;
  resume(containerId: string): Promise<void>;
  /** Stops with the grace in seconds; a container that is gone or stopped is fine. Unfreezes a paused one first. */
  stop(containerId: string, graceSeconds: number): Promise<void>;
  /** A container that is gone is fine. */
  remove(containerId: string): Promise<void>;
  list(): Promise<ObservedContainer[]>;
  /** Null while the engine has no figures. */
  stats(containerId: string): Promise<Omit<MetricSample, "instance_id" | "at" | "healthy" | "response_ms"> | null>;
  logs(containerId: string, options: { tail: number; follow: boolean; since?: number | undefined; signal: AbortSignal }): AsyncIterable<LogLine>;
  /** Removes an image that nothing uses; one that is used or gone is fine. */
  removeImage(image: string): Promise<void>;
  /** Tells the instances whose container changed from outside (died, killed, started), and all of them after the engine was away; returns a way to stop. */
  watch(onChange: (instanceId: string) => void): () => void;
}

/** What an engine refused. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  readonly code: "image-not-found" | "image-pull-unauthorized" | "image-pull-failed" | "runtime-unavailable" | "container-failed";
  constructor(code: RuntimeError["code"], detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

/** Secrets at rest: envelope encryption over the system store. */
export interface Vault {
  put(ref: string, secret: unknown): Promise<void>;
  /** Null when there is none. */
  get(ref: string): Promise<unknown>;
  remove(ref: string): Promise<void>;
}
