import { Worker } from "node:worker_threads";
import type { GuardedWrite } from "./guarded-write.ts";
import type { Answer, Numbered } from "./write-thread-worker.ts";

interface Waiting {
  readonly writes: readonly GuardedWrite[];
  readonly resolve: (changed: readonly boolean[]) => void;
  readonly reject: (error: Error) => void;
}

const long = 8;

/** Writes to a file that another connection reads, in a thread that waits for the disk. */
export class WriteThread {
  readonly #path: string;
  #worker: Worker | undefined;
  #numbers = 0;
  readonly #waiting: Waiting[] = [];
  readonly #writing = new Map<number, Waiting>();
  readonly #idle: (() => void)[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Settles once all of it is committed, though a power cut may undo the last of it. What comes while others are written shares a
   * transaction, in which each stands or falls by itself. Answers of each write whether its first statement changed anything.
   */
  add(writes: readonly GuardedWrite[]): Promise<readonly boolean[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject });
      // The thread gets what is long at once, and writes it while more is made.
      if (writes.length >= long) this.#send();
      else if (this.#waiting.length === 1) queueMicrotask(() => this.#send());
    });
  }

  /** Lets what was asked for be written, then ends the thread. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0 || this.#writing.size > 0) await new Promise<void>((resolve) => { this.#idle.push(resolve); });
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    worker.removeAllListeners();
    const gone = new Promise((resolve) => { worker.once("exit", resolve); });
    worker.ref();
    worker.postMessage(null);
    await gone;
  }

  #send(): void {
    if (this.#waiting.length === 0) return;
    const asked = this.#waiting.splice(0).map((waiting): Numbered => {
      this.#numbers += 1;
      this.#writing.set(this.#numbers, waiting);
      return [this.#numbers, waiting.writes];
    });
    const worker = this.#worker ??= this.#start();
    worker.ref();
    worker.postMessage(asked);
  }

  #settle(answers: readonly Answer[]): void {
    for (const [number, { changed, error = "the thread gave no answer" }] of answers) {
      const waiting = this.#writing.get(number);
      this.#writing.delete(number);
      if (changed === undefined) waiting?.reject(new Error(error));
      else waiting?.resolve(changed);
    }
    if (this.#writing.size > 0) return;
    if (this.#waiting.length > 0) return;
    this.#worker?.unref();
    for (const idle of this.#idle.splice(0)) idle();
  }

  // A thread that died is replaced by the next group; what it was writing may be written, and is written again by whoever asked.
  #start(): Worker {
    const worker = new Worker(new URL("./write-thread-worker.ts", import.meta.url), { workerData: this.#path });
    worker.on("message", (answers: readonly Answer[]) => this.#settle(answers));
    worker.on("error", () => undefined);
    worker.once("exit", () => {
      this.#worker = undefined;
      const error = `the thread that writes to ${this.#path} stopped before it answered`;
      this.#settle([...this.#writing.keys()].map((number) => [number, { error }]));
    });
    return worker;
  }
}
