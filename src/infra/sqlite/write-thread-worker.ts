import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type GuardedWrite, writeGuarded } from "./guarded-write.ts";
import { openSqliteFile } from "./read-models-file.ts";

/** A request with the number that its answer carries. */
export type Numbered = readonly [number: number, writes: readonly GuardedWrite[]];

/** What became of a request: what each write changed, or why none of it is there. */
export type Answer = readonly [number: number, written: { readonly changed?: readonly boolean[]; readonly error?: string }];

type Message = readonly Numbered[] | null;

const most = 64;
const failed = (number: number, error: unknown): Answer => [number, { error: error instanceof Error ? error.message : String(error) }];

function serve(port: NonNullable<typeof parentPort>): void {
  const file = openSqliteFile(String(workerData), "NORMAL");
  const one = ([number, writes]: Numbered): Answer => {
    try {
      // A single statement fails by itself.
      const single = writes.length === 1 && writes[0]?.length === 1;
      return [number, { changed: single ? writeGuarded(file, writes) : file.savepoint(() => writeGuarded(file, writes)) }];
    } catch (error) {
      return failed(number, error);
    }
  };
  const close = (): void => {
    file.close();
    port.close();
  };
  port.on("message", (first: Message) => {
    if (first === null) return close();
    const group = [...first];
    const answers: Answer[] = [];
    let ending = false;
    // What is asked for meanwhile shares the transaction.
    const more = (): boolean => {
      const next = group.length < most && !ending ? receiveMessageOnPort(port) as { message: Message } | undefined : undefined;
      ending ||= next?.message === null;
      group.push(...next?.message ?? []);
      return answers.length < group.length;
    };
    try {
      file.transaction(() => {
        do for (const request of group.slice(answers.length)) answers.push(one(request));
        while (more());
      });
      port.postMessage(answers);
    } catch (error) {
      port.postMessage(group.map(([number]) => failed(number, error)));
    }
    if (ending) close();
  });
}

if (parentPort) serve(parentPort);
