import { once } from "node:events";
import type { Request, Response } from "express";

const heartbeatMs = 15_000;

/** Writes items as they come, as server-sent events where the caller accepts them, else one JSON a line. Ends when either side does. */
export async function streamOut(request: Request, response: Response, closing: AbortSignal, items: (signal: AbortSignal) => AsyncIterable<unknown>): Promise<void> {
  const left = new AbortController();
  response.on("close", () => left.abort());
  const leaving = AbortSignal.any([left.signal, closing]);
  const events = request.accepts(["application/x-ndjson", "text/event-stream"]) === "text/event-stream";
  response.status(200).set({
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
