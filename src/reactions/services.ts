import type { AgentState } from "#domain/agent/agent.ts";
import type { ManifestInput } from "#domain/agent/manifest.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import type { TaskStatus } from "#domain/usage/usage.ts";
import type { CommandRequest } from "#commands/execute.ts";
import type { LogLine, PullProgress, RegistryCredentials } from "./ports.ts";

/** A state after a command, with the position where a reader sees it. */
export interface Written<S> {
  readonly state: S;
  readonly position: string;
  /** Whether anything was written. */
  readonly changed: boolean;
}

/** A manifest with what belongs beside it. */
export interface AgentSubmission {
  readonly kind: "docker" | "standard";
  readonly manifest: ManifestInput;
  readonly docker_image?: string | undefined;
  readonly credentials?: RegistryCredentials | undefined;
}

/** Effects around agents: pulls, secrets, deregistration with its clean-up. */
export interface AgentService {
  /** The id that a publisher's agent of this name has. */
  agentIdOf(publisherId: string, name: string): string;
  register(submission: AgentSubmission, request: CommandRequest, onProgress?: (progress: PullProgress) => void): Promise<Written<AgentState>>;
  publishVersion(agentId: string, submission: AgentSubmission, request: CommandRequest, onProgress?: (progress: PullProgress) => void): Promise<Written<AgentState>>;
  /** Closes the capacity, deregisters, removes the image. Refused while an instance is live. */
  deregister(agentId: string, reason: string | undefined, request: CommandRequest): Promise<Written<AgentState>>;
}

/** What a customer asks an instance to be. */
export interface InstanceWish {
  readonly agent_id: string;
  readonly customer: { readonly account_id: string; readonly currency: string };
  /** An operator asks, whom the manifest's limits do not bind. */
  readonly may_raise?: boolean | undefined;
  readonly instance_config: {
    readonly memory_limit?: string | undefined;
    readonly cpu_limit?: string | undefined;
    readonly environment?: Readonly<Record<string, string>> | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
}

/** Effects around instances: intents, waiting for their outcome, logs. */
export interface InstanceService {
  /** Enrols and requests; the id derives from the command id. Refuses a full agent before anything is written. */
  create(wish: InstanceWish, request: CommandRequest): Promise<Written<InstanceState>>;
  pause(instanceId: string, request: CommandRequest): Promise<Written<InstanceState>>;
  resume(instanceId: string, request: CommandRequest): Promise<Written<InstanceState>>;
  terminate(instanceId: string, reason: string, request: CommandRequest): Promise<Written<InstanceState>>;
  state(instanceId: string): Promise<Written<InstanceState>>;
  /** Waits until the instance leaves its present passing status (starting, pausing, resuming, restarting, stopping), at most `ms`. */
  settled(instanceId: string, ms: number): Promise<Written<InstanceState>>;
  /** The container's output; empty for a standard agent or when nothing is left. */
  logs(instanceId: string, options: { tail: number; follow: boolean; since?: number | undefined; signal: AbortSignal }): AsyncIterable<LogLine>;
  /** Progress of the image pull that a starting instance waits for, if any. */
  pullProgress(instanceId: string): PullProgress | null;
}

/** A task as far as it is known. `result` is there for 24 h after completion. */
export interface TaskView {
  readonly task_id: string;
  readonly instance_id: string;
  readonly status: TaskStatus;
  readonly result?: unknown;
  /** Why there is no result: a problem slug and words; and what the agent itself said. */
  readonly failure?: { readonly code: string; readonly detail: string; readonly upstream_status?: number | undefined; readonly retry_after?: string | undefined; readonly upstream_body?: unknown } | undefined;
  readonly execution_ms: number | null;
  /** When its end was written, and how much the agent answered; absent where only the read model can tell. */
  readonly completed_at?: string | undefined;
  readonly result_bytes?: number | undefined;
}

/** Admission, dispatch and cancellation of tasks. */
export interface TaskService {
  /** Admits and dispatches; `finished` never rejects. Refuses when the instance does not run or lacks the endpoint. */
  start(instanceId: string, task: { endpoint: string; parameters: unknown; timeout_s?: number | undefined }, request: CommandRequest):
    Promise<{ task_id: string; created_at: string; position: string; finished: Promise<{ view: TaskView; position: string }> }>;
  /** Answers where a reader sees the end of the task; empty when nobody could write it. */
  cancel(taskId: string, instanceId: string, request: CommandRequest): Promise<string>;
  /** The stored result of a completed task; undefined when it is gone. */
  result(taskId: string): Promise<unknown>;
  /** What the agent said of a task that failed; undefined when it said nothing, or that is gone. */
  upstreamBody(taskId: string): Promise<unknown>;
}
