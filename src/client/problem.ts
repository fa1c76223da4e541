/** One wrong field of a request. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** What a problem says; extension members of the document are in `extensions`. */
export interface ProblemDetails {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  readonly retryAfter?: number | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** A refusal or failure that the server explained (RFC 9457), `unreachable` when no server answered, or `not-agenthub` when another one did. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** The stable slug of the problem type, such as `capacity-exhausted`. */
  readonly type: string;
  /** The HTTP status; 0 when no answer of AgentHub came. */
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[];
  /** Seconds to wait before asking again. */
  readonly retryAfter: number | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(problem: ProblemDetails, options?: ErrorOptions) {
    super(problem.detail ?? problem.title, options);
    this.type = problem.type;
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.retryAfter = problem.retryAfter;
    this.extensions = problem.extensions ?? {};
  }
}

/** Whether a value is a problem, across module realms. */
export function isProblem(error: unknown): error is ProblemError {
  return error instanceof Error && error.name === "ProblemError";
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function fieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is Record<string, unknown> => typeof entry === "object" && entry !== null).map((entry) => ({
    field: text(entry["field"]) ?? text(entry["path"]) ?? text(entry["pointer"]) ?? "",
    message: text(entry["message"]) ?? text(entry["detail"]) ?? "is wrong",
  }));
}

/** Seconds that a Retry-After header asks for; it holds seconds or a date. */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/** Reads a problem document; `fallback` says what is missing in it. */
export function problemFrom(document: object, fallback: { status?: number; title?: string; detail?: string; retryAfter?: number | undefined } = {}): ProblemError {
  const { type, status, title, detail, errors, instance: _, ...extensions } = document as Readonly<Record<string, unknown>>;
  const code = typeof status === "number" ? status : fallback.status ?? 0;
  const slug = text(type)?.split("/").at(-1);
  return new ProblemError({
    type: slug === undefined || slug === "about:blank" ? `http-${code}` : slug, status: fallback.status ?? code,
    title: text(title) ?? fallback.title ?? "Refused", detail: text(detail) ?? (slug === undefined ? fallback.detail : undefined),
    errors: fieldErrors(errors), retryAfter: fallback.retryAfter, extensions,
  });
}

/** Reads a failed answer, whether or not it is a problem document. */
export function problemOf(response: Response, body: unknown, now: number): ProblemError {
  return problemFrom(typeof body === "object" && body !== null ? body : {}, {
    status: response.status, title: response.statusText || `HTTP ${response.status}`, detail: "The answer did not come from AgentHub's API.",
    retryAfter: retryAfterSeconds(response.headers.get("retry-after"), now),
  });
}

const bare = (text: string): string => text.replace(/\.$/, "");

/** The detail of a problem, where it says more than its title and its fields, which stand beside it. */
export function detailBeside({ title, detail, errors }: { readonly title: string; readonly detail?: string | undefined; readonly errors: readonly FieldError[] }): string | undefined {
  if (detail === undefined || bare(detail) === bare(title)) return undefined;
  // The server names the first of them.
  const fields = errors.map(({ field, message }) => (field === "" ? message : `${field}: ${message}`)).join("; ");
  return fields.startsWith(detail) ? undefined : detail;
}
