import { Worker } from "node:worker_threads";
import { OutcomeUnknown, Unavailable } from "#commands/ports.ts";
import { EventLog, type LogAnswer, type LogRequest } from "./event-store-log.ts";

/** Where the log runs: in this thread or in a worker. */
export interface LogBackend {
  readonly storeId: string;
  send(request: LogRequest): Promise<LogAnswer>;
  close(): Promise<void>;
}

/** Another process, or another store in this one, holds the data directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = "DataDirectoryInUse";
}

const sqliteBusy = 5;

/** The log in this thread: nothing is durable, nothing waits. */
export function openMemoryBackend(): LogBackend {
  const log = new EventLog(":memory:");
  let closed = false;
  return {
    storeId: log.storeId,
    async send(request) {
      const [answer] = closed ? [] : request.op === "backup" ? [await log.backup(request.path)] : log.serve([request]);
      if (!answer) throw new Unavailable("the event store is closed");
      return answer;
    },
    async close() {
      closed = true;
      log.close();
    },
  };
}

interface Waiting {
  readonly op: LogRequest["op"];
  readonly resolve: (answer: LogAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** A request with the number that its answer carries. */
export type Numbered = readonly [number: number, request: LogRequest];

type Answers = readonly (readonly [number: number, answer: LogAnswer])[];

/** The log in a worker thread, which keeps the disk's waiting out of the server's loop. */
export async function openWorkerBackend(path: string): Promise<LogBackend> {
  let current = start(path);
  const { storeId } = await current;
  let closed = false;
  /** A worker that died is replaced by the next request. */
  const running = async (): Promise<Running> => {
    const known = current;
    const worker = await known.catch(() => undefined);
    if (worker?.alive()) return worker;
    if (current === known) current = start(path);
    return current;
  };
  return {
    storeId,
    async send(request) {
      if (closed) throw new Unavailable("the event store is closed");
      const worker = await running().catch((error: unknown) => {
        throw new Unavailable(`the event store does not start: ${(error as Error).message}`);
      });
      return worker.send(request);
    },
    async close() {
      if (closed) return;
      closed = true;
      const worker = await current.catch(() => undefined);
      await worker?.close();
    },
  };
}

interface Running {
  readonly storeId: string;
  alive(): boolean;
  send(request: LogRequest): Promise<LogAnswer>;
  close(): Promise<void>;
}

async function start(path: string): Promise<Running> {
  const worker = new Worker(new URL("./event-store-worker.ts", import.meta.url), { workerData: path });
  const waiting = new Map<number, Waiting>();
  let numbers = 0;
  let alive = true;
  const exited = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      alive = false;
      for (const { op, reject } of waiting.values()) reject(lost(op));
      waiting.clear();
      resolve();
    });
  });
  const storeId = await new Promise<string>((resolve, reject) => {
    worker.once("message", (message: { storeId: string }) => resolve(message.storeId));
    worker.once("error", (error: unknown) => reject(openingError(path, error)));
    worker.once("exit", () => reject(new Unavailable("the event store's worker stopped while it started")));
  });
  worker.on("error", () => {}); // the exit that follows rejects whatever waits
  worker.on("message", (answers: Answers) => {
    for (const [number, answer] of answers) {
      waiting.get(number)?.resolve(answer);
      waiting.delete(number);
    }
  });
  // A worker that has nothing to do gets its work at once. One that is busy gets together what is asked in a turn of the event
  // loop: each message has its price.
  let outgoing: Numbered[] = [];
  const post = (): void => {
    worker.postMessage(outgoing);
    outgoing = [];
  };
  const send = (request: LogRequest): Promise<LogAnswer> =>
    new Promise((resolve, reject) => {
      if (!alive) return reject(new Unavailable("the event store's worker has stopped"));
      numbers += 1;
      waiting.set(numbers, { op: request.op, resolve, reject });
      outgoing.push([numbers, request]);
      if (outgoing.length > 1) return;
      if (waiting.size === 1) queueMicrotask(post);
      else setImmediate(post);
    });
  const close = async (): Promise<void> => {
    if (alive) await send({ op: "close" }).catch(() => undefined);
    await exited;
  };
  return { storeId, alive: () => alive, send, close };
}

function lost(op: LogRequest["op"]): Error {
  const message = "the event store's worker stopped before it answered";
  return op === "append" ? new OutcomeUnknown(message) : new Unavailable(message);
}

function openingError(path: string, error: unknown): Error {
  if ((error as { errcode?: number }).errcode === sqliteBusy || /database is locked/.test(String(error))) {
    return new DataDirectoryInUse(`another AgentHub uses ${path}; stop it first, or choose another data directory`);
  }
  return error instanceof Error ? error : new Error(String(error));
}
