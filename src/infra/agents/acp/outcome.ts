import type { AgentEvent, AgentFailureCode } from "#reactions/ports.ts";
import { AgentFailure, complaintBytes } from "../failure.ts";
import { maxResultBytes } from "../http.ts";

const codes = new Map<string, AgentFailureCode>([
  ...["invalid_input", "invalid_parameters", "invalid_request", "validation_error", "validation_failed", "unknown_endpoint", "not_found"].map((code) => [code, "agent-rejected-input"] as const),
  ...["busy", "rate_limited", "too_many_requests", "overloaded"].map((code) => [code, "agent-busy"] as const),
  ...["needs_input", "input_required", "awaiting", "auth_required"].map((code) => [code, "agent-needs-input"] as const),
]);

const texts: Partial<Record<AgentFailureCode, string>> = {
  "agent-rejected-input": "the agent refused the parameters",
  "agent-busy": "the agent is busy",
  "agent-needs-input": "the agent asks for more input, which tasks cannot give",
};

// Undefined where there is none, or too much of it.
function saidIn(error: unknown): unknown {
  const text = JSON.stringify(error) as string | undefined;
  return text === undefined || Buffer.byteLength(text) > complaintBytes ? undefined : error;
}

/** What an agent's own error means; its words are for the caller alone. */
export function failureOfAgentError(error: unknown): AgentFailure {
  const { code } = (typeof error === "object" && error !== null ? error : { code: error }) as { code?: unknown };
  const known = typeof code === "string" ? codes.get(code.toLowerCase().replaceAll(/[-\s]/g, "_")) : undefined;
  return new AgentFailure(known ?? "agent-failed", texts[known ?? "agent-failed"] ?? "the agent reported that the task failed", { said: saidIn(error) });
}

/** The end of a task with a result, which is at most 1 MiB. */
export function doneEvent(value: unknown): AgentEvent {
  const result = value ?? null;
  const bytes = Buffer.byteLength(JSON.stringify(result));
  if (bytes > maxResultBytes) throw new AgentFailure("agent-response-too-large", `the agent's result is over ${maxResultBytes} bytes`);
  return { type: "done", result, bytes };
}

/** The end that a `{status, result | error}` tells; throws AgentFailure. */
export function outcomeOf(answer: unknown): AgentEvent {
  const { status, result, error } = (typeof answer === "object" && answer !== null ? answer : {}) as Record<string, unknown>;
  if (status === "completed") return doneEvent(result);
  if (status === "failed") throw failureOfAgentError(error);
  if (typeof status === "string" && codes.get(status) === "agent-needs-input") throw failureOfAgentError(status);
  throw new AgentFailure("agent-protocol-error", "the agent's answer has no known status");
}
