import { Worker } from "node:worker_threads";
import type { Entry } from "./system-store-entry.ts";
import type { Written } from "./system-store-worker.ts";

interface Waiting {
  readonly entry: Entry;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Writes entries to a file that another connection reads, in a thread that waits for the disk. */
export class GroupedPuts {
  readonly #path: string;
  #worker: Worker | undefined;
  #waiting: Waiting[] = [];
  #writing: Waiting[] = [];
  #idle: (() => void)[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Settles once the entry is durable; those that come while others are written share the next transaction. */
  add(entry: Entry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      if (this.#writing.length === 0 && this.#waiting.length === 1) queueMicrotask(() => this.#next());
    });
  }

  /** Lets what was asked for be written, then ends the thread. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0 || this.#writing.length > 0) await new Promise<void>((resolve) => { this.#idle.push(resolve); });
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    worker.removeAllListeners();
    const gone = new Promise((resolve) => { worker.once("exit", resolve); });
    worker.ref();
    worker.postMessage(null);
    await gone;
  }

  #next(): void {
    if (this.#writing.length > 0) return;
    if (this.#waiting.length === 0) {
      this.#worker?.unref();
      for (const idle of this.#idle.splice(0)) idle();
      return;
    }
    this.#writing = this.#waiting;
    this.#waiting = [];
    const worker = this.#worker ??= this.#start();
    worker.ref();
    worker.postMessage(this.#writing.map(({ entry }) => entry));
  }

  #settle({ error }: Written): void {
    const written = this.#writing;
    this.#writing = [];
    for (const { resolve, reject } of written) {
      if (error === undefined) resolve();
      else reject(new Error(error));
    }
    this.#next();
  }

  // A thread that died is replaced by the next group; what it was writing may be written, and is written again by whoever asked.
  #start(): Worker {
    const worker = new Worker(new URL("./system-store-worker.ts", import.meta.url), { workerData: this.#path });
    worker.on("message", (written: Written) => this.#settle(written));
    worker.on("error", () => undefined);
    worker.once("exit", () => {
      this.#worker = undefined;
      if (this.#writing.length > 0) this.#settle({ error: "the system store's thread stopped before it answered" });
    });
    return worker;
  }
}
