import type { Dispatcher } from "undici";
import { AgentFailure, complaintBytes, failureOfError } from "./failure.ts";

/** An agent's whole answer. */
export interface Reply {
  readonly status: number;
  readonly body: Buffer;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
}

/** What is asked of an agent. */
export interface Exchange {
  readonly url: Readonly<URL>;
  readonly method: Dispatcher.HttpMethod;
  readonly json?: unknown;
  /** Of a successful answer. Others are judged by their status; of what they say little is taken, and not waited for. */
  readonly maxBytes: number;
  /** True when the status alone is wanted. */
  readonly skipBody?: boolean;
  readonly signal: AbortSignal;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
const tooLarge = (maxBytes: number): AgentFailure => new AgentFailure("agent-response-too-large", `the agent's answer is over ${maxBytes} bytes`);

const nothing = Buffer.alloc(0);
const complaintMs = 1_000;

const plain = (headers: Headers): boolean => ["", "identity"].includes(one(headers["content-encoding"])?.trim().toLowerCase() ?? "");

function refusalOf(status: number, headers: Headers, maxBytes: number): AgentFailure | null {
  if (!plain(headers))
    return new AgentFailure("agent-protocol-error", "the agent compressed its answer though it was asked not to", { status });
  return Number(one(headers["content-length"])) > maxBytes ? tooLarge(maxBytes) : null;
}

// Whether it is worth reading why an agent failed.
const complains = (status: number, headers: Headers): boolean =>
  status >= 400 && plain(headers) && !(Number(one(headers["content-length"])) > complaintBytes);

type Bounds = Pick<Exchange, "maxBytes" | "skipBody" | "signal">;

// A handler instead of a stream: an answer is whole or nothing here, and streams cost more than all the rest of a request.
function ask(dispatcher: Dispatcher, options: Dispatcher.DispatchOptions, { maxBytes, skipBody = false, signal }: Bounds): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let head: Omit<Reply, "body"> = { status: 0, contentType: "", retryAfter: undefined };
    let settled = false;
    let ended = false;
    /** Set while what a failing agent says is read. */
    let patience: NodeJS.Timeout | undefined;
    let size = 0;
    const chunks: Buffer[] = [];
    const settle = (how: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(patience);
      signal.removeEventListener("abort", abort);
      how();
    };
    const fail = (error: Error): void => {
      settle(() => reject(error));
      controller?.abort(error);
    };
    const abandon = (): void => { if (!ended) controller?.abort(new Error("the answer is not wanted")); };
    const whole = (body: Buffer): void => settle(() => resolve({ ...head, body }));
    const statusAlone = (): void => {
      whole(nothing);
      // An answer that is all there leaves its connection to the next request.
      setImmediate(abandon);
    };
    const abort = (): void => (patience === undefined ? fail(signal.reason as Error) : statusAlone());
    signal.addEventListener("abort", abort, { once: true });
    dispatcher.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        if (settled) abandon();
      },
      onResponseStart(_, status, headers) {
        if (status < 200) return;
        head = { status, contentType: one(headers["content-type"]) ?? "", retryAfter: one(headers["retry-after"])?.slice(0, 64) };
        if (!skipBody && status <= 299) {
          const refusal = refusalOf(status, headers, maxBytes);
          if (refusal !== null) fail(refusal);
        } else if (!skipBody && complains(status, headers)) patience = setTimeout(statusAlone, complaintMs);
        else statusAlone();
      },
      onResponseData(_, chunk) {
        if (settled) return;
        size += chunk.length;
        if (patience !== undefined && size > complaintBytes) statusAlone();
        else if (size > maxBytes) fail(tooLarge(maxBytes));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        ended = true;
        whole(Buffer.concat(chunks, size));
      },
      onResponseError(_, error) {
        ended = true;
        if (patience === undefined) settle(() => reject(error));
        else whole(nothing);
      },
    });
  });
}

const plainHeaders = ["accept", "application/json, text/*;q=0.5", "accept-encoding", "identity", "user-agent", "AgentHub"];
const jsonHeaders = [...plainHeaders, "content-type", "application/json"];

/** One request and its bounded answer. Throws AgentFailure; an abort throws the signal's reason and closes the socket. */
export async function exchange(dispatcher: Dispatcher, { url, method, json, ...bounds }: Exchange): Promise<Reply> {
  const { signal } = bounds;
  if (signal.aborted) throw signal.reason;
  try {
    return await ask(dispatcher, {
      origin: url.origin, path: url.pathname + url.search, method, headers: json === undefined ? plainHeaders : jsonHeaders, body: json === undefined ? null : JSON.stringify(json),
    }, bounds);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw failureOfError(error);
  }
}
