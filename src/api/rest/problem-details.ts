import { OutcomeUnknown, Unavailable } from "#commands/ports.ts";
import { isRefusal } from "#domain/kernel/errors.ts";
import { NotFolded } from "#projections/reader.ts";
import { RuntimeError } from "#reactions/ports.ts";
import { type ProblemCode, isProblemCode, problems } from "./problems.ts";

/** One field that is wrong. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** What else a problem carries. */
export interface ProblemExtras {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly FieldError[];
  /** Members beside the standard ones. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A refusal of the interface, answered as problem details. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
  }
}

/** A problem ready to be sent (RFC 9457). */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

const challenge = { "www-authenticate": 'Bearer realm="agenthub"' };

/** What belongs to others answers exactly like what never was. */
export const absent = {
  agent: () => new Problem("agent-not-found", "There is no such agent."),
  instance: () => new Problem("instance-not-found", "There is no such instance."),
  task: () => new Problem("task-not-found", "There is no such task."),
  account: () => new Problem("account-not-found", "There is no such account."),
  key: () => new Problem("api-key-not-found", "There is no such API key."),
} as const;

function bodyParserProblem(error: { type?: unknown; status?: unknown }): Problem | null {
  if (error.type === "entity.too.large") return new Problem("payload-too-large", "The body is larger than this endpoint takes.");
  if (error.type === "encoding.unsupported" || error.type === "charset.unsupported")
    return new Problem("unsupported-media-type", "This content encoding is not supported; send gzip, deflate, br or none.");
  if (typeof error.status === "number" && error.status >= 400 && error.status < 500) return new Problem("malformed-request", "The request cannot be read.");
  return null;
}

function isAway(error: unknown): boolean {
  const named = error instanceof Error ? error.name : "";
  return error instanceof Unavailable || error instanceof OutcomeUnknown || named === "Unavailable" || named === "OutcomeUnknown";
}

/** The problem that an error stands for; null for what nobody foresaw. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (isRefusal(error)) return new Problem(error.code, error.message, { data: error.data });
  if (isAway(error))
    return new Problem("unavailable", "A store cannot be reached at the moment; send the same request with the same Idempotency-Key again.", { headers: { "retry-after": "2" } });
  if (error instanceof NotFolded)
    return new Problem("read-model-behind", "What answers this is being built from the log's first event on; ask again.", { headers: { "retry-after": "5" } });
  if (error instanceof RuntimeError)
    return error.code === "container-failed" ? new Problem("instance-start-failed", error.message) : new Problem(error.code, error.message);
  return typeof error === "object" && error !== null ? bodyParserProblem(error) : null;
}

/** Renders a problem. Unforeseen errors say nothing of their cause; the trace id leads to it in the log. */
export function problemAnswer(error: unknown, traceId: string): ProblemAnswer {
  const problem = problemOf(error) ?? new Problem("internal-error", "The error was logged under the trace id.");
  const [status, title] = problems[problem.code];
  const { errors, data: { status: found, type: _type, title: _title, detail: _detail, ...data } = {}, headers = {} } = problem.extras;
  const sent = problem.extras.status ?? status;
  const retry = sent === 503 && headers["retry-after"] === undefined ? { "retry-after": "2" } : {};
  return {
    status: sent,
    headers: { ...retry, ...(sent === 401 ? challenge : {}), ...headers },
    body: {
      type: `/problems/${problem.code}`, title, status: sent, detail: problem.message,
      // The status of a thing must not hide behind that of the answer.
      ...(found === undefined ? {} : { current_status: found }), ...data,
      ...(errors === undefined ? {} : { errors }), trace_id: traceId,
    },
  };
}

/** The problem of a code that was stored or came from an agent. */
export function problemFromCode(code: string, detail: string, fallback: ProblemCode, extras: ProblemExtras = {}): Problem {
  return new Problem(isProblemCode(code) ? code : fallback, detail, extras);
}
