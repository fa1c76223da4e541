import { io } from "socket.io-client";
import { exactAmounts } from "./json.ts";
import { type ProblemError, problemFrom } from "./problem.ts";
import type { LiveEvents, Subscribe } from "./schema.ts";

type Events = Omit<LiveEvents, "problem">;

/** A frame of the live feed by its event; status and health frames carry a cursor to resume from. */
export type LiveFrame = { readonly [E in keyof Events]: { readonly event: E } & Events[E] }[keyof Events];

/** Frames as they come. */
export interface LiveConnection extends AsyncIterable<LiveFrame> {
  close(): void;
}

interface LiveOptions {
  readonly server: string; readonly apiKey: string | undefined; readonly topics: readonly string[];
  readonly since: string | undefined; readonly signal: AbortSignal | undefined;
  /** Told whenever the subscription stands, and whenever the connection is lost. */
  readonly onConnection?: ((connected: boolean) => void) | undefined;
}

const frameNames = ["snapshot", "instance.status", "instance.health", "instance.metrics", "cost.update", "agent.changed", "resync_required"] as const satisfies readonly (keyof Events)[];

// A reader that is too slow loses its oldest frames rather than the process its memory.
const mostWaiting = 10_000;

class Frames implements LiveConnection {
  readonly #waiting: LiveFrame[] = [];
  readonly #close: () => void;
  #wake: (() => void) | undefined;
  ended = false;
  #failure: Error | undefined;

  constructor(close: () => void) {
    this.#close = close;
  }

  push(frame: LiveFrame): void {
    if (this.#waiting.push(frame) > mostWaiting) this.#waiting.shift();
    this.#wake?.();
  }

  end(failure?: Error): void {
    this.ended = true;
    this.#failure ??= failure;
    this.#wake?.();
  }

  close(): void {
    this.end();
    this.#close();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<LiveFrame> {
    for (;;) {
      const frame = this.#waiting.shift();
      if (frame !== undefined) yield frame;
      else if (this.#failure !== undefined) throw this.#failure;
      else if (this.ended) return;
      else await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }
}

/** Opens the live feed; it reconnects by itself and resumes after the last frame that carried a cursor. */
export function connectLive({ server, apiKey, topics, since, signal, onConnection }: LiveOptions): LiveConnection {
  const socket = io(`${server}/live`, { auth: { token: apiKey }, transports: ["websocket"], forceNew: true });
  const frames = new Frames(() => socket.disconnect());
  const end = (failure: ProblemError) => {
    frames.end(failure);
    socket.disconnect();
  };
  let cursor = since;
  const accept = (event: string, body: { readonly cursor?: string }) => {
    cursor = body.cursor ?? cursor;
    frames.push({ ...exactAmounts(body) as object, event } as LiveFrame);
  };
  for (const event of frameNames) socket.on(event, (body: { readonly cursor?: string }) => accept(event, body));
  socket.on("connect", () => {
    const message: Subscribe = { topics, ...(cursor === undefined ? {} : { since: cursor }) };
    socket.emit("subscribe", message, (answer: { ok: boolean; cursor?: string; problem?: object }) => {
      if (answer.problem !== undefined) return end(problemFrom(answer.problem));
      cursor ??= answer.cursor;
      onConnection?.(true);
    });
  });
  // A refused handshake is final; a server that cannot be reached is tried again and again.
  socket.on("connect_error", (error: Error & { data?: object }) => { if (!socket.active) end(problemFrom(error.data ?? { title: error.message })); });
  // Cut off for reading too slowly, or because the key was revoked: the handshake tells which.
  socket.on("disconnect", () => {
    onConnection?.(false);
    if (!socket.active && !frames.ended) socket.connect();
  });
  signal?.addEventListener("abort", () => frames.close(), { once: true });
  return frames;
}
