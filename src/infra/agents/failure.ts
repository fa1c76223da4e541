import type { AgentEvent, AgentFailureCode } from "#reactions/ports.ts";

/** As much as is handed on of what a failing agent says. */
export const complaintBytes = 16_384;

/** The end of a task without a result. */
export type Failed = Extract<AgentEvent, { type: "failed" }>;

/**
 * Why an agent gave no result. The text is always ours, never the agent's: it ends in events,
 * which must hold nothing that a customer sent or an agent answered. What the agent said is beside it, for the caller.
 */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
  readonly code: AgentFailureCode;
  readonly upstreamStatus: number | undefined;
  readonly retryAfter: string | undefined;
  readonly said: unknown;
  constructor(code: AgentFailureCode, detail: string, more: { status?: number; retryAfter?: string | undefined; said?: unknown; cause?: unknown } = {}) {
    super(detail, { cause: more.cause });
    this.code = code;
    this.upstreamStatus = more.status;
    this.retryAfter = more.retryAfter;
    this.said = more.said;
  }
}

const asked = new Map([[401, "the agent wants credentials"], [403, "the agent forbids this"], [407, "the agent wants a proxy"], [408, "the agent gave up waiting"]]);

/** What a status that is not a success means. */
export function failureOfStatus(status: number, retryAfter?: string, said?: unknown): AgentFailure {
  if (status === 429) return new AgentFailure("agent-busy", "the agent is busy", { status, retryAfter, said });
  if (status >= 500 || asked.has(status)) return new AgentFailure("agent-failed", asked.get(status) ?? `the agent failed with status ${status}`, { status, said });
  if (status >= 400) return new AgentFailure("agent-rejected-input", `the agent refused the request with status ${status}`, { status, said });
  if (status >= 300) return new AgentFailure("agent-protocol-error", "the agent redirects, which is not followed", { status });
  return new AgentFailure("agent-protocol-error", `the agent answered with status ${status}`, { status });
}

const garbled = new Set(["UND_ERR_HEADERS_OVERFLOW", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED"]);

/** What an error of the connection means. */
export function failureOfError(error: unknown): AgentFailure {
  if (error instanceof AgentFailure) return error;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (code === "endpoint-not-allowed") return new AgentFailure("endpoint-not-allowed", "the agent's address is not allowed", { cause: error });
  const text = typeof code === "string" ? code : "";
  if (name === "HTTPParserError" || text.startsWith("HPE_") || garbled.has(text))
    return new AgentFailure("agent-protocol-error", "the agent does not speak proper HTTP", { cause: error });
  if (text === "UND_ERR_SOCKET") return new AgentFailure("agent-unreachable", "the agent closed the connection before its answer was whole", { cause: error });
  return new AgentFailure("agent-unreachable", `the connection to the agent failed${/^[A-Z_]{3,40}$/.test(text) ? ` (${text})` : ""}`, { cause: error });
}

/** A failure as the event that ends a task. */
export function failedEvent(failure: AgentFailure): Failed {
  return {
    type: "failed", code: failure.code, detail: failure.message,
    ...(failure.upstreamStatus !== undefined && { upstream_status: failure.upstreamStatus }),
    ...(failure.retryAfter !== undefined && { retry_after: failure.retryAfter }),
    ...(failure.said !== undefined && { upstream_body: failure.said }),
  };
}

/** Tells a failure from the time limit and the caller's abort, which both surface as an abort. */
export function failureUnder(limit: { expired: () => boolean; signal: AbortSignal }, error: unknown): AgentFailure {
  if (limit.expired()) return new AgentFailure("agent-timeout", "the agent did not answer in time");
  if (limit.signal.aborted) return new AgentFailure("agent-unreachable", "the request was cancelled");
  return failureOfError(error);
}
