/** Whom a driver talks to. */
export interface AgentTarget {
  readonly instance_id: string;
  readonly agent_id: string;
  /** Base URL. */
  readonly address: string;
  /** Containers are ours; a remote address must pass the outbound guard at every connection. */
  readonly kind: "container" | "remote";
  readonly health_path: string;
}

/** What a probe saw. */
export interface ProbeResult {
  readonly healthy: boolean;
  readonly response_ms: number;
  readonly detail?: string | undefined;
}

/** A task for an agent. */
export interface AgentRequest {
  readonly task_id: string;
  readonly endpoint: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly parameters: unknown;
  readonly timeout_ms: number;
}

/** Why an agent gave no result; the code is a problem slug. */
export type AgentFailureCode =
  | "agent-rejected-input" | "agent-unreachable" | "agent-protocol-error" | "agent-failed" | "agent-busy"
  | "agent-needs-input" | "agent-timeout" | "agent-response-too-large" | "endpoint-not-allowed";

/** What a driver tells while it executes; ends with `done` or `failed`. */
export type AgentEvent =
  | { readonly type: "started"; readonly remote_id?: string }
  | { readonly type: "output"; readonly part: unknown }
  | { readonly type: "done"; readonly result: unknown; readonly bytes: number }
  | { readonly type: "failed"; readonly code: AgentFailureCode; readonly detail: string; readonly upstream_status?: number | undefined; readonly retry_after?: string | undefined;
    /** What the agent itself said of it, for the caller alone: it enters no event. */
    readonly upstream_body?: unknown };

/** A protocol that agents speak. */
export interface AgentDriver {
  readonly protocol: "http" | "acp";
  /** Opens what the protocol needs (a handshake, a socket); throws with a reason when the agent is not ready. */
  connect(target: AgentTarget, signal: AbortSignal): Promise<void>;
  probe(target: AgentTarget, signal: AbortSignal): Promise<ProbeResult>;
  /** An aborted signal cancels at the agent where the protocol can. */
  execute(target: AgentTarget, request: AgentRequest, signal: AbortSignal): AsyncIterable<AgentEvent>;
  /** Tells the agent why and closes; a target without connection is fine. */
  disconnect(target: AgentTarget, reason: string): Promise<void>;
  connected(instanceId: string): boolean;
  close(): Promise<void>;
}
