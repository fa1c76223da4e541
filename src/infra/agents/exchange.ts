import type { Dispatcher } from "undici";
import { AgentFailure, failureOfError } from "./failure.ts";

/** An agent's whole answer. */
export interface Reply {
  readonly status: number;
  readonly body: Buffer;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
}

/** What is asked of an agent. */
export interface Exchange {
  readonly url: URL;
  readonly method: Dispatcher.HttpMethod;
  readonly json?: unknown;
  /** Of a successful answer; others are judged by their status alone. */
  readonly maxBytes: number;
  /** True when the status alone is wanted. */
  readonly skipBody?: boolean;
  readonly signal: AbortSignal;
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
const tooLarge = (maxBytes: number): AgentFailure => new AgentFailure("agent-response-too-large", `the agent's answer is over ${maxBytes} bytes`);

async function collect(body: Dispatcher.ResponseData["body"], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

async function wholeBody({ headers, body, statusCode: status }: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  const encoding = one(headers["content-encoding"])?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity")
    throw new AgentFailure("agent-protocol-error", "the agent compressed its answer though it was asked not to", { status });
  if (Number(one(headers["content-length"])) > maxBytes) throw tooLarge(maxBytes);
  return collect(body, maxBytes);
}

const requestHeaders = (json: unknown): Record<string, string> => ({
  accept: "application/json, text/*;q=0.5", "accept-encoding": "identity", "user-agent": "AgentHub",
  ...(json !== undefined && { "content-type": "application/json" }),
});

/** One request and its bounded answer. Throws AgentFailure; an abort throws the signal's reason and closes the socket. */
export async function exchange(dispatcher: Dispatcher, { url, method, json, maxBytes, skipBody = false, signal }: Exchange): Promise<Reply> {
  try {
    const response = await dispatcher.request({
      origin: url.origin, path: url.pathname + url.search, method, signal, headers: requestHeaders(json),
      body: json === undefined ? null : JSON.stringify(json),
    });
    const { statusCode: status, headers, body } = response;
    body.on("error", () => undefined); // an abandoned body reports the abandonment, which nobody awaits
    try {
      const wanted = !skipBody && status >= 200 && status <= 299;
      return {
        status, contentType: one(headers["content-type"]) ?? "", retryAfter: one(headers["retry-after"])?.slice(0, 64),
        body: wanted ? await wholeBody(response, maxBytes) : Buffer.alloc(0),
      };
    } finally {
      body.destroy();
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw failureOfError(error);
  }
}
