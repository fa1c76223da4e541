import { Worker } from "node:worker_threads";
import type { GuardedWrite } from "./guarded-write.ts";
import type { Begin, Written } from "./write-thread-worker.ts";

interface Waiting {
  readonly writes: readonly GuardedWrite[];
  readonly resolve: (changed: readonly boolean[]) => void;
  readonly reject: (error: Error) => void;
}

const crowd = 8;

/** Writes to a file that another connection reads, in a thread that waits for the disk. */
export class WriteThread {
  readonly #begin: Begin;
  readonly #gatherMs: number;
  #worker: Worker | undefined;
  #waiting: Waiting[] = [];
  #writing: Waiting[] = [];
  #idle: (() => void)[] = [];
  #gathering = false;

  /** Where a crowd was, the next group waits so long for more: each group has its price. */
  constructor(begin: Begin, gatherMs = 0) {
    this.#begin = begin;
    this.#gatherMs = gatherMs;
  }

  /**
   * Settles once all of it is committed: durable where the file is synchronous. What comes while others are written shares the
   * next transaction, in which each stands or falls by itself. Answers of each write whether its first statement changed anything.
   */
  add(writes: readonly GuardedWrite[]): Promise<readonly boolean[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject });
      if (this.#writing.length === 0 && this.#waiting.length === 1 && !this.#gathering) setImmediate(() => this.#next());
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
    worker.postMessage(this.#writing.map(({ writes }) => writes));
  }

  #settle(written: readonly Written[]): void {
    const asked = this.#writing;
    this.#writing = [];
    for (const [index, { resolve, reject }] of asked.entries()) {
      const { changed, error = "the thread gave no answer" } = written[index] ?? {};
      if (changed === undefined) reject(new Error(error));
      else resolve(changed);
    }
    this.#gathering = this.#gatherMs > 0 && asked.length >= crowd && this.#waiting.length < asked.length && this.#idle.length === 0;
    if (!this.#gathering) return this.#next();
    setTimeout(() => {
      this.#gathering = false;
      this.#next();
    }, this.#gatherMs);
  }

  // A thread that died is replaced by the next group; what it was writing may be written, and is written again by whoever asked.
  #start(): Worker {
    const worker = new Worker(new URL("./write-thread-worker.ts", import.meta.url), { workerData: this.#begin });
    worker.on("message", (written: readonly Written[]) => this.#settle(written));
    worker.on("error", () => undefined);
    worker.once("exit", () => {
      this.#worker = undefined;
      const error = `the thread that writes to ${this.#begin.path} stopped before it answered`;
      if (this.#writing.length > 0) this.#settle(this.#writing.map(() => ({ error })));
    });
    return worker;
  }
}
