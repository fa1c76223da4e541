import {
  type AllStreamResolvedEvent, BACKWARDS, END, type EventStoreDBClient, FORWARDS, START, type StreamingRead,
} from "@eventstore/db-client";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { recordPosition, toStoredEvent } from "./events.ts";
import { type Patience, persist, watchSilence } from "./patience.ts";
import { decodePosition } from "./positions.ts";

/** The events found, and how far the log was looked at: past everything up to there. */
export interface Scan {
  readonly events: StoredEvent[];
  readonly end: string | undefined;
}

const smallestPage = 32; // the server's own events lie between ours
const largestPage = 1_000;

/**
 * Reads a whole answer; the call is ended in every case, as an abandoned one would stay open. Only silence counts against
 * it: a long stream over a slow line takes what it takes.
 */
export async function collect<E>(ms: number, open: () => StreamingRead<E>): Promise<E[]> {
  const source = open();
  source.on("error", () => {}); // one that comes after the loop would end the process
  const found: E[] = [];
  const silence = watchSilence(ms, () => void source.destroy());
  const reading = (async () => {
    for await (const event of source) {
      found.push(event);
      silence.heard();
    }
    return found;
  })();
  try {
    return await Promise.race([reading, silence.tooLong]);
  } finally {
    silence.end();
    reading.catch(() => undefined);
    source.cancel().catch(() => undefined);
  }
}

/** Reads on in the log, exclusively, until `max` events are found or it ends; repeats what fails. */
export async function scanLog(
  client: EventStoreDBClient, patience: Patience,
  { from, backwards = false, max }: { from?: string | undefined; backwards?: boolean; max: number },
): Promise<Scan> {
  const events: StoredEvent[] = [];
  let end = from;
  while (events.length < max) {
    const count = Math.min(largestPage, Math.max(smallestPage, max - events.length + 1));
    const page = await persist(patience, false, () => readPage(client, patience, end, backwards, count));
    for (const record of page) {
      const position = recordPosition(record);
      const known = position === undefined || (end !== undefined && position === end);
      if (known) continue; // forwards the server starts at the position itself
      end = position;
      const event = toStoredEvent(record);
      if (event) events.push(event);
      if (events.length >= max) break;
    }
    if (page.length < count) break;
  }
  return { events, end };
}

function readPage(
  client: EventStoreDBClient, { attemptMs }: Patience, from: string | undefined, backwards: boolean, maxCount: number,
): Promise<AllStreamResolvedEvent[]> {
  const fromPosition = from === undefined ? (backwards ? END : START) : decodePosition(from);
  const direction = backwards ? BACKWARDS : FORWARDS;
  return collect(attemptMs, () => client.readAll({ fromPosition, direction, maxCount, requiresLeader: true }));
}
