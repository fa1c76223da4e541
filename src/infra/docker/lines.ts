import type { Readable } from "node:stream";

/** The JSON lines of an engine's answer. Unlike readline, it passes on that the connection broke. */
export async function* jsonLines<T>(stream: Readable): AsyncIterable<T> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
  }
  if (rest.trim() !== "") yield JSON.parse(rest) as T;
}
