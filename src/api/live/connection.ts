import type { Socket } from "socket.io";
import type { Principal } from "../auth/principal.ts";
import type { Frame } from "./frames.ts";

const mostQueued = 1024 * 1024;

/** One socket with what it listens to. Frames that come while a snapshot is read wait for it. */
export class Connection {
  readonly socket: Socket;
  readonly principal: Principal;
  readonly rooms = new Set<string>();
  #held: Frame[] | null = null;
  #holds = 0;
  #queued = 0;

  constructor(socket: Socket, principal: Principal) {
    this.socket = socket;
    this.principal = principal;
    socket.conn.on("drain", () => { this.#queued = 0; });
  }

  /** Sends a frame, or keeps it until the snapshot that it follows has gone out. */
  deliver(frame: Frame): void {
    if (this.#held === null) this.send(frame.type, frame);
    else this.#held.push(frame);
  }

  /** Sends a message. A reader that leaves more than 1 MB unread is cut off: it resumes with `since`. */
  send(name: string, message: object): void {
    this.#queued += JSON.stringify(message).length;
    const { bufferedAmount = 0 } = (this.socket.conn.transport as { socket?: { bufferedAmount?: number } }).socket ?? {};
    if (this.#queued + bufferedAmount > mostQueued) this.socket.disconnect(true);
    else this.socket.emit(name, message);
  }

  /** Keeps frames back while something must go out before them. */
  async hold(work: () => Promise<void>): Promise<void> {
    this.#held ??= [];
    this.#holds += 1;
    try {
      await work();
    } finally {
      this.#holds -= 1;
      if (this.#holds === 0) {
        const frames = this.#held ?? [];
        this.#held = null;
        for (const frame of frames) this.send(frame.type, frame);
      }
    }
  }
}
