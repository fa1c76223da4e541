import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import express, { type Request } from "express";

const heartbeatMs = 15_000;

/** Writes items as they come, as server-sent events where the caller accepts them, else one JSON a line. Ends when either side does. */
export async function streamOut(request: IncomingMessage, response: ServerResponse, closing: AbortSignal, items: (signal: AbortSignal) => AsyncIterable<unknown>): Promise<void> {
  const left = new AbortController();
  response.on("close", () => left.abort());
  const leaving = AbortSignal.any([left.signal, closing]);
  const asked = Object.setPrototypeOf(request, express.request as object) as Request;
  const events = asked.accepts(["application/x-ndjson", "text/event-stream"]) === "text/event-stream";
  response.writeHead(200, {
    "content-type": events ? "text/event-stream; charset=utf-8" : "application/x-ndjson; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no",
  });
  response.flushHeaders();
  if (request.method === "HEAD") return void response.end();
  const heartbeat = events ? setInterval(() => response.write(": still here\n\n"), heartbeatMs) : undefined;
  heartbeat?.unref();
  try {
    for await (const item of items(leaving)) {
      const text = JSON.stringify(item);
      if (!response.write(events ? `data: ${text}\n\n` : `${text}\n`)) await once(response, "drain", { signal: leaving });
    }
  } catch (error) {
    if (!leaving.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}
