import type { Readable } from "node:stream";
import type Docker from "dockerode";
import type { ContainerRuntime, LogLine } from "#reactions/ports.ts";
import { attempt, isGone, toRuntimeError } from "./failures.ts";

type LogOptions = Parameters<ContainerRuntime["logs"]>[1];
type Open = { at: string; parts: Buffer[]; bytes: number };

const longest = 64 * 1024;

/** Puts lines together from the frames of an engine's log: 8 bytes of header, an instant, the text. */
export class LogReader {
  #rest: Buffer = Buffer.alloc(0);
  readonly #open = new Map<LogLine["stream"], Open>();

  /** Takes bytes in whatever pieces; answers the lines that they complete. */
  take(chunk: Buffer): LogLine[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const lines: LogLine[] = [];
    while (this.#rest.length >= 8) {
      const size = this.#rest.readUInt32BE(4);
      if (this.#rest.length < 8 + size) break;
      const stream = this.#rest[0] === 2 ? "stderr" : "stdout";
      this.#frame(stream, this.#rest.subarray(8, 8 + size), lines);
      this.#rest = this.#rest.subarray(8 + size);
    }
    return lines;
  }

  /** The lines that never ended. */
  end(): LogLine[] {
    return [...this.#open.keys()].flatMap((stream) => this.#close(stream));
  }

  #frame(stream: LogLine["stream"], frame: Buffer, lines: LogLine[]): void {
    const space = frame.indexOf(" ");
    const millis = Date.parse(frame.toString("latin1", 0, Math.max(0, space)));
    const text = frame.subarray(space + 1);
    const ended = text.at(-1) === 0x0a;
    // An engine cuts long lines into frames, each with an instant of its own: the first one's holds.
    const open = this.#open.get(stream) ?? { at: new Date(Number.isNaN(millis) ? 0 : millis).toISOString(), parts: [], bytes: 0 };
    this.#open.set(stream, open);
    open.parts.push(ended ? text.subarray(0, -1) : text);
    open.bytes += text.length;
    if (ended || open.bytes >= longest) lines.push(...this.#close(stream));
  }

  #close(stream: LogLine["stream"]): LogLine[] {
    const open = this.#open.get(stream);
    this.#open.delete(stream);
    return open === undefined ? [] : [{ at: open.at, stream, text: Buffer.concat(open.parts).toString("utf8").replace(/\r$/, "") }];
  }
}

/** A container's output, oldest first; `since` in milliseconds. Ends with the container, or when aborted. */
export async function* readLogs(engine: Docker, id: string, { tail, follow, since, signal }: LogOptions): AsyncIterable<LogLine> {
  if (signal.aborted) return;
  const asked = { stdout: true, stderr: true, timestamps: true, tail, abortSignal: signal, ...(since !== undefined && { since: since / 1000 }) };
  const container = engine.getContainer(id);
  const reader = new LogReader();
  if (!follow) {
    const all = await attempt("read the logs", async () => {
      try {
        return await container.logs({ ...asked, follow: false });
      } catch (error) {
        if (isGone(error) || signal.aborted) return null;
        throw error;
      }
    });
    if (Buffer.isBuffer(all)) yield* reader.take(all);
    yield* reader.end();
    return;
  }
  let stream: Readable | undefined;
  try {
    stream = await container.logs({ ...asked, follow: true }) as Readable;
    for await (const chunk of stream) yield* reader.take(chunk as Buffer);
    yield* reader.end();
  } catch (error) {
    if (!signal.aborted && !isGone(error)) throw toRuntimeError(error, "read the logs");
  } finally {
    stream?.destroy();
  }
}
