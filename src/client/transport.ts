import { parseJson } from "./json.ts";
import { ProblemError, problemOf } from "./problem.ts";

/** How a client reaches its server. */
export interface ClientOptions {
  readonly server: string;
  readonly apiKey?: string | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** How often a request that met no server, or a 503, is sent again; 4 by default. */
  readonly retries?: number | undefined;
  /** The longest pause before sending again, in milliseconds; 5000 by default. */
  readonly maxPause?: number | undefined;
  /** Told before each pause. */
  readonly onRetry?: ((cause: ProblemError, pause: number) => void) | undefined;
  /** Cancels everything that this client does. */
  readonly signal?: AbortSignal | undefined;
}

/** What a single request may carry. */
export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>> | undefined;
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  /** Seconds to wait for an outcome; `false` answers at once. */
  readonly wait?: number | false | undefined;
  /** Identifies the command; random by default, so that our own retries of a POST are counted once. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Joins a server's address and a path with its query. */
function addressOf(server: string, path: string, query: RequestOptions["query"] = {}): string {
  const url = new URL(server.replace(/\/+$/, "") + path);
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) url.searchParams.append(name, String(one));
  return url.href;
}

const connectionLost = /ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_CONNECT_TIMEOUT/;

function unreachable(server: string, error: unknown): ProblemError {
  const code = String((error as { cause?: { code?: string } }).cause?.code ?? "");
  return new ProblemError({
    type: "unreachable", status: 0, title: "No answer", detail: `No server answers at ${server}${code === "" ? "" : ` (${code})`}.`,
    extensions: { temporary: connectionLost.test(code) },
  }, { cause: error });
}

// What was sent is counted once however often it is sent: the Idempotency-Key stays the same.
const brokenOff = (server: string, error: unknown): ProblemError => new ProblemError({
  type: "unreachable", status: 0, title: "No answer", detail: `The connection to ${server} broke off in the middle of an answer.`, extensions: { temporary: true },
}, { cause: error });

function parsed(server: string, text: string): unknown {
  try {
    return text === "" ? undefined : parseJson(text);
  } catch (error) {
    throw new ProblemError({ type: "not-agenthub", status: 0, title: "Not AgentHub", detail: `What answers at ${server} is not AgentHub: it sent no JSON.` }, { cause: error });
  }
}

// An agent's own 503 carries its task: that was tried, and trying again is the caller's decision.
const repeatable = (error: unknown): error is ProblemError => error instanceof ProblemError
  && (error.status === 503 ? error.extensions["task_id"] === undefined : error.extensions["temporary"] === true);

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => { signal.removeEventListener("abort", stopped); resolve(); };
    const timer = setTimeout(done, ms);
    const stopped = () => { clearTimeout(timer); reject(signal.reason as Error); };
    if (signal.aborted) stopped(); else signal.addEventListener("abort", stopped, { once: true });
  });
}

/** Sends requests: authorization, reading one's own writes, safe retries, problems as errors. */
export class Transport {
  readonly server: string;
  readonly apiKey: string | undefined;
  readonly #options: ClientOptions;
  readonly #fetch: typeof fetch;
  readonly #never = new AbortController().signal;
  #cursor: string | undefined;

  constructor(options: ClientOptions) {
    this.server = options.server.replace(/\/+$/, "");
    this.apiKey = options.apiKey;
    this.#options = options;
    this.#fetch = options.fetch ?? fetch;
  }

  /** Sends a request and parses its answer. */
  async json<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    return await this.#repeated(method, options, async (headers) => {
      const response = await this.#once(method, path, options, headers);
      const text = await response.text().catch((error: unknown) => { throw this.#signal(options).aborted ? error : brokenOff(this.server, error); });
      return parsed(this.server, text) as T;
    });
  }

  /** Sends a request and gives the answer as it comes; a failure is thrown as ProblemError. */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    return await this.#repeated(method, options, (headers) => this.#once(method, path, options, headers));
  }

  async #repeated<T>(method: string, options: RequestOptions, once: (headers: Record<string, string>) => Promise<T>): Promise<T> {
    const headers = this.#headers(method, options); // once: every retry carries the same Idempotency-Key
    const { retries = 4 } = this.#options;
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(headers);
      } catch (error) {
        if (!repeatable(error) || attempt >= retries) throw error;
        const wait = Math.min(this.#options.maxPause ?? 5000, error.retryAfter === undefined ? 200 * 2 ** attempt : error.retryAfter * 1000);
        this.#options.onRetry?.(error, wait);
        await pause(wait, this.#signal(options));
      }
    }
  }

  #signal({ signal }: RequestOptions): AbortSignal {
    return AbortSignal.any([signal ?? this.#never, this.#options.signal ?? this.#never]);
  }

  #headers(method: string, options: RequestOptions): Record<string, string> {
    const headers: Record<string, string> = { accept: "application/json, application/problem+json" };
    if (this.apiKey !== undefined) headers["authorization"] = `Bearer ${this.apiKey}`;
    if (options.body !== undefined) headers["content-type"] = options.contentType ?? "application/json";
    if (method === "POST") headers["idempotency-key"] = options.idempotencyKey ?? crypto.randomUUID();
    if (options.wait !== undefined) headers["prefer"] = options.wait === false ? "respond-async" : `wait=${options.wait}`;
    return headers;
  }

  async #once(method: string, path: string, options: RequestOptions, headers: Record<string, string>): Promise<Response> {
    const signal = this.#signal(options);
    let response: Response;
    try {
      response = await this.#fetch(addressOf(this.server, path, options.query), {
        method, signal, redirect: "error",
        headers: this.#cursor === undefined ? headers : { ...headers, "agenthub-min-cursor": this.#cursor },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
    } catch (error) {
      throw signal.aborted ? error : unreachable(this.server, error);
    }
    this.#cursor = response.headers.get("agenthub-cursor") ?? this.#cursor;
    if (response.ok) return response;
    const text = await response.text().catch(() => "");
    let body: unknown;
    try { body = parseJson(text); } catch { body = undefined; }
    throw problemOf(response, body, Date.now());
  }
}
