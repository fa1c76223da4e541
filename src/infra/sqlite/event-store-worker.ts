import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Numbered } from "./event-store-backend.ts";
import { EventLog } from "./event-store-log.ts";

const maxGroup = 64;

function serve(port: NonNullable<typeof parentPort>): void {
  const log = new EventLog(String(workerData));
  let copying = Promise.resolve();
  const copy = (number: number, path: string): void => {
    copying = copying.then(async () => { port.postMessage([[number, await log.backup(path)]]); });
  };
  port.on("message", (first: readonly Numbered[]) => {
    const group = [...first];
    // Whatever has queued up meanwhile shares the transaction, and with it the one flush to disk.
    while (group.length < maxGroup) {
      const next = receiveMessageOnPort(port) as { message: readonly Numbered[] } | undefined;
      if (!next) break;
      group.push(...next.message);
    }
    // A copy takes its time; nothing waits for it but the end.
    for (const [number, request] of group) if (request.op === "backup") copy(number, request.path);
    const served = group.filter(([, { op }]) => op !== "backup");
    const answers = log.serve(served.map(([, request]) => request));
    const answer = (): void => port.postMessage(served.map(([number], index) => [number, answers[index]]));
    if (!served.some(([, { op }]) => op === "close")) return answer();
    void copying.then(() => {
      log.close();
      answer();
      port.close();
    });
  });
  port.postMessage({ storeId: log.storeId });
}

if (parentPort) serve(parentPort);
