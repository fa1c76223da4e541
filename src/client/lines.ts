import { parseJson } from "./json.ts";
import type { LogEntry } from "./types.ts";

function entry(line: string): LogEntry {
  try {
    const value = parseJson(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as LogEntry;
  } catch { /* an agent's plain line */ }
  return { text: line };
}

/** The lines of a body as they come. */
export async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Reads log lines from any form the server gives them in: JSON Lines, server-sent events, a JSON list or plain text. */
export async function* readLines(response: Response): AsyncGenerator<LogEntry> {
  const type = response.headers.get("content-type") ?? "";
  if (response.body === null) return;
  if (/^application\/json\b/.test(type)) {
    const body = parseJson(await response.text()) as { logs?: readonly LogEntry[] };
    yield* body.logs ?? [];
    return;
  }
  const events = /^text\/event-stream\b/.test(type);
  for await (const line of splitLines(response.body)) {
    if (!events) yield entry(line);
    else if (line.startsWith("data:")) yield entry(line.slice(5).trimStart());
  }
}
