import { randomUUID } from "node:crypto";
import { type ServerWritableStream, status as code } from "@grpc/grpc-js";
import type { ReadReq, ReadResp } from "@eventstore/db-client/generated/streams_pb.js";
import type { Faults } from "./faults.ts";
import type { DoubleLog, Recorded } from "./log.ts";
import {
  caughtUpMessage, checkpointMessage, confirmationMessage, eventMessage, failure, notFoundMessage, streamName,
} from "./messages.ts";

type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

const backwards = 1;
const checkpointEvery = 7;

/** What kind of server the double is. */
export interface Kind {
  /** Before 22.6 the events of a stream did not tell their place in the log. */
  readonly old?: boolean;
  /** Only an administrator may read the log. */
  readonly guardsLog?: boolean;
}

/** Answers the one RPC behind every read and every subscription. */
export function serveRead(call: ReadCall, log: DoubleLog, faults: Faults, kind: Kind): void {
  call.on("error", () => {});
  const options = call.request.getOptions();
  if (!options || faults.stalled) return;
  const stream = options.getStream();
  const refused = faults.take("read-unavailable") ? failure(code.UNAVAILABLE, "the server is going away") : stream ? undefined : whyNoLog(options, log, kind);
  if (refused) return void call.emit("error", refused);
  if (options.hasSubscription()) return subscribe(call, options, log, faults);
  const messages = stream ? streamMessages(options, stream, log, kind) : readAll(options, log).map((event) => eventMessage(event));
  if (faults.take("slow-read")) return dribble(call, messages);
  for (const message of messages) call.write(message);
  call.end();
}

function streamMessages(options: ReadReq.Options, stream: ReadReq.Options.StreamOptions, log: DoubleLog, { old = false }: Kind): ReadResp[] {
  const found = readStream(options, stream, log);
  return found === undefined ? [notFoundMessage(streamName(stream.getStreamIdentifier()))] : found.map((event) => eventMessage(event, old));
}

/** Why the log may not be read so: only where a record begins may one read on. */
function whyNoLog(options: ReadReq.Options, log: DoubleLog, { guardsLog }: Kind): Error | undefined {
  if (guardsLog) return failure(code.PERMISSION_DENIED, "Access Denied", { exception: "access-denied" });
  const place = options.getAll()?.getPosition();
  if (!place) return undefined;
  const [commit, prepare] = [Number(place.getCommitPosition()), Number(place.getPreparePosition())];
  const known = commit === prepare && log.events[firstAt(log.events, commit)]?.position === commit;
  return known ? undefined : failure(code.UNKNOWN, "Unexpected ReadAllResult: InvalidPosition");
}

function dribble(call: ReadCall, messages: readonly ReadResp[]): void {
  const [next, ...others] = messages;
  if (call.cancelled) return;
  if (next === undefined) return void call.end();
  call.write(next);
  setTimeout(() => dribble(call, others), 60);
}

function readStream(options: ReadReq.Options, stream: ReadReq.Options.StreamOptions, log: DoubleLog): Recorded[] | undefined {
  const events = log.stream(streamName(stream.getStreamIdentifier()));
  if (events.length === 0) return undefined;
  const back = options.getReadDirection() === backwards;
  const from = stream.hasRevision() ? Number(stream.getRevision()) : stream.hasEnd() ? events.length : 0;
  const chosen = back ? events.slice(0, from + 1).toReversed() : events.slice(from);
  return chosen.slice(0, Number(options.getCount()));
}

/** Forwards inclusive, backwards exclusive: as the real server does it. */
function readAll(options: ReadReq.Options, log: DoubleLog): Recorded[] {
  const from = position(options.getAll());
  const chosen = options.getReadDirection() === backwards
    ? log.events.slice(0, firstAt(log.events, from)).toReversed()
    : log.events.slice(firstAt(log.events, from));
  return chosen.slice(0, Number(options.getCount()));
}

function position(all: ReadReq.Options.AllOptions | undefined): number {
  if (all?.hasEnd()) return Number.POSITIVE_INFINITY;
  return all?.hasPosition() ? Number(all.getPosition()?.getCommitPosition()) : 0;
}

/** The index of the first event at or after a position. */
function firstAt(events: readonly Recorded[], from: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.position ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function subscribe(call: ReadCall, options: ReadReq.Options, log: DoubleLog, faults: Faults): void {
  const from = position(options.getAll());
  const pattern = options.getFilter()?.getEventType()?.getRegex();
  const wanted = pattern ? new RegExp(pattern) : /^/;
  let next = firstAt(log.events, from + 1);
  let over = false;
  const pump = (): void => {
    while (!over && next < log.events.length) {
      const event = log.events[next++] as Recorded;
      if (!wanted.test(event.type)) {
        if (next % checkpointEvery === 0) call.write(checkpointMessage(event));
        continue;
      }
      if (faults.stalled || faults.take("mute-subscription")) return stop();
      if (faults.take("end-subscription")) {
        stop();
        return void call.end();
      }
      call.write(eventMessage(event));
      if (faults.take("duplicate-delivery")) call.write(eventMessage(event));
    }
  };
  const forget = log.onAppend(pump);
  const stop = (): void => {
    over = true;
    forget();
  };
  call.on("cancelled", stop);
  call.on("close", stop);
  call.write(confirmationMessage(randomUUID()));
  pump();
  if (!over) call.write(caughtUpMessage());
}
