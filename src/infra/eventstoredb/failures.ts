import { AppendTooLarge, WrongExpectedRevision } from "#commands/ports.ts";
import { EventStoreMisconfigured, tlsNeedsName } from "./connection.ts";

/** Our own timer ran out before the server answered. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** What a failure means: try again (knowing or not knowing that nothing was written), or give up with an error. */
export type Verdict = { again: "unwritten" | "unknown" } | { error: Error };

const unwritten: Verdict = { again: "unwritten" };
const unknown: Verdict = { again: "unknown" };

interface Failure {
  readonly type?: string;
  readonly code?: number;
  readonly message?: string;
  readonly expectedVersion?: bigint | string;
  readonly actualVersion?: bigint | string;
  readonly streamName?: string;
}

const resourceExhausted = 8;
const unavailable = 14;
const unauthenticated = 16;
const permissionDenied = 7;

/** Never sent, by the words of the transport: no connection was there to send it on. */
const neverSent = /No connection established|ECONNREFUSED|Name resolution failed|Failed to discover/;
const addressForName = /ServerName to an IP address/;
const wrongTransport = /wrong version number|packet length too long|EPROTO|SSL routines|self.signed|certificate/i;

/** The one place that knows how the client reports what. */
export function classify(error: unknown): Verdict {
  const failure = error as Failure;
  const message = failure.message ?? "";
  switch (failure.type) {
    case "wrong-expected-version":
      return { error: conflict(failure) };
    case "maximum-append-size-exceeded":
      return { error: new AppendTooLarge("the append is over what EventStoreDB accepts") };
    case "not-leader":
      return unwritten;
    case "access-denied":
      return { error: failure.code === unauthenticated ? refused() : denied() };
    case "stream-deleted":
      return { error: new EventStoreMisconfigured(`EventStoreDB holds a tombstone for ${failure.streamName ?? "a stream"}`) };
    default:
      return byCode(failure, message, error);
  }
}

function byCode({ code }: Failure, message: string, error: unknown): Verdict {
  if (code === unauthenticated) return { error: refused() };
  if (code === permissionDenied) return { error: denied() };
  if (code === resourceExhausted) return { error: new AppendTooLarge("the append is over what EventStoreDB accepts") };
  if (message.includes("Server Is Not Ready")) return unwritten;
  if (message.includes("BadRequest")) return { error: new TypeError(`EventStoreDB cannot read the request: ${message}`) };
  if (error instanceof TypeError || error instanceof EventStoreMisconfigured) return { error };
  if (addressForName.test(message)) return { error: new EventStoreMisconfigured(tlsNeedsName) };
  if (wrongTransport.test(message)) return { error: transport(message) };
  if (code === unavailable && neverSent.test(message)) return unwritten;
  return unknown;
}

function conflict({ streamName = "", expectedVersion, actualVersion }: Failure): WrongExpectedRevision {
  return new WrongExpectedRevision(streamName, revision(expectedVersion), revision(actualVersion));
}

function revision(version: bigint | string | undefined): number {
  return typeof version === "bigint" ? Number(version) : -1;
}

function refused(): EventStoreMisconfigured {
  return new EventStoreMisconfigured("EventStoreDB refuses the user or password of the connection string");
}

function denied(): EventStoreMisconfigured {
  return new EventStoreMisconfigured(
    "EventStoreDB does not let this user do that: reading the whole log ($all) needs an administrator, or a user whom the server's access list names",
  );
}

function transport(message: string): EventStoreMisconfigured {
  const [line] = message.split("\n");
  return new EventStoreMisconfigured(
    `EventStoreDB and the connection string disagree on TLS; check tls=true or false and tlsCAFile (${line})`,
  );
}
