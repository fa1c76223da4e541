import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { EventLog, type LogRequest } from "./event-store-log.ts";

/** One request with the number that its answer carries. */
type Numbered = readonly [number: number, request: LogRequest];

const maxGroup = 64;

function serve(port: NonNullable<typeof parentPort>): void {
  const log = new EventLog(String(workerData));
  port.on("message", (first: Numbered) => {
    const group = [first];
    // Whatever has queued up meanwhile shares the transaction, and with it the one flush to disk.
    while (group.length < maxGroup) {
      const next = receiveMessageOnPort(port) as { message: Numbered } | undefined;
      if (!next) break;
      group.push(next.message);
    }
    const answers = log.serve(group.map(([, request]) => request));
    const closing = group.some(([, { op }]) => op === "close");
    if (closing) log.close();
    port.postMessage(group.map(([number], index) => [number, answers[index]]));
    if (closing) port.close();
  });
  port.postMessage({ storeId: log.storeId });
}

if (parentPort) serve(parentPort);
