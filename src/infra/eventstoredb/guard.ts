import type { EventStoreDBClient } from "@eventstore/db-client";
import type { Duplex } from "node:stream";

type AppendCall = Duplex & { cancel(): void };
type Creator = (client: unknown) => AppendCall;

interface Internals {
  GRPCStreamCreator: (client: unknown, name: string, creator: Creator, cache?: unknown) => () => Promise<unknown>;
  getChannel: () => Promise<{ close(): void }>;
}

/** Holds on to the one call that carries all appends of a client. */
export interface AppendGuard {
  /** Fails every append in flight and lets the next one open a new call. */
  reset(): void;
  /** Ends the client with its connection. */
  dispose(): Promise<void>;
}

/**
 * All appends share one call, and the client's handling of it has holes: a late answer to an append that it gave up
 * throws in an event handler and ends the process; so does a rejection while writes wait for a drain; a call that the
 * server ends leaves its appends waiting for ever. The call is created in one place, where these are closed.
 */
export function guardAppends(client: EventStoreDBClient): AppendGuard {
  const internals = client as unknown as Internals;
  const create = internals.GRPCStreamCreator;
  let current: AppendCall | undefined;
  internals.GRPCStreamCreator = (service, name, creator, cache) => {
    if (name !== "appendToStream" || cache === undefined) return create(service, name, creator, cache);
    const guarded: Creator = (grpc) => {
      current = guardCall(creator(grpc));
      return current;
    };
    return create(service, name, guarded, cache);
  };
  return {
    reset: () => current?.cancel(),
    async dispose() {
      await client.dispose();
      // Without a call ever made there may be no channel; then this opens and closes an idle one.
      await internals.getChannel().then((channel) => channel.close(), () => undefined);
    },
  };
}

function guardCall(call: AppendCall): AppendCall {
  for (const listener of call.listeners("data")) {
    call.on("data", (answer: unknown) => {
      try {
        listener.call(call, answer);
      } catch {
        // The answer to an append that was given up: its identical retry has its own answer.
      }
    });
    call.removeListener("data", listener as () => void);
  }
  const write = call.write.bind(call) as (...values: unknown[]) => boolean;
  call.write = (...values: unknown[]) => {
    write(...values);
    return true; // never wait for a drain that does not come; the appends in flight bound what is buffered
  };
  let failed = false;
  call.once("error", () => {
    failed = true;
  });
  call.once("end", () => {
    if (!failed) call.destroy(new Error("EventStoreDB ended the append call"));
  });
  return call;
}
