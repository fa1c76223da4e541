import { AgentFailure } from "../failure.ts";

/** The data of each server-sent event in a byte stream; throws when the stream is over `maxBytes`. */
export async function* sseData(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let rest = "";
  let data: string[] = [];
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new AgentFailure("agent-response-too-large", `the agent's stream is over ${maxBytes} bytes`);
    const text = decoder.decode(chunk, { stream: true });
    const open = rest.endsWith("\r");
    rest += text;
    if (!open && !/[\r\n]/.test(text)) continue; // a line that comes byte by byte must not be searched as often
    // A lone CR at the end may be half of a CRLF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
      else if (line === "" && data.length > 0) {
        yield data.join("\n");
        data = [];
      }
    }
  }
}
