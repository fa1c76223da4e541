/** Every refusal has one stable code, which is also the slug of its problem type. */
export const refusalCodes = [
  "agent-already-registered", "agent-deregistered", "agent-has-active-instances", "agent-not-found",
  "account-not-found", "api-key-not-found", "capacity-exhausted", "currency-mismatch", "endpoint-not-allowed",
  "engine-not-found", "forbidden-container-option", "idempotency-key-reused", "image-not-found",
  "image-pull-failed", "image-pull-unauthorized", "instance-not-found", "instance-not-running",
  "instance-start-failed", "insufficient-scope", "invalid-endpoint-path", "invalid-image-reference",
  "invalid-manifest", "invalid-pricing", "invalid-resources", "invalid-state-transition", "not-configurable",
  "pause-failed", "quota-exceeded", "resume-failed", "runtime-unavailable", "task-not-found", "unknown-endpoint",
  "usage-conflict", "usage-time-out-of-range", "validation-failed",
] as const;

/** The stable code of a refusal. */
export type RefusalCode = (typeof refusalCodes)[number];

/** A refusal of the domain: nothing was written. `detail` says what to do about it. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, detail: string, data: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.name = "Refusal";
    this.code = code;
    this.data = data;
  }
}

/** Whether a value is a refusal, across module realms. */
export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && error.name === "Refusal";
}
