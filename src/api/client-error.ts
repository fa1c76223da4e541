import type { Duplex } from "node:stream";
import { problemAnswer, Problem } from "./rest/problem-details.ts";

const reasons: Readonly<Record<string, readonly [status: number, title: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large", "The headers are too large."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "The request did not arrive in time."],
};

/** Answers what is no HTTP request with a problem, too, and ends its connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason, detail] = reasons[error.code ?? ""] ?? [400, "Bad Request", "The request is not proper HTTP."];
  const { trace_id: _none, ...problem } = problemAnswer(new Problem("malformed-request", detail, { status }), "").body;
  const body = JSON.stringify(problem);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
