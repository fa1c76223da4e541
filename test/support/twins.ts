import { setTimeout as passes } from "node:timers/promises";
import { readConfig } from "#app/config.ts";
import { memory, openStores } from "#app/stores.ts";
import type { EventStore } from "#commands/ports.ts";
import { startTestApp, type TestApp } from "./app.ts";
import { ShiftedClock } from "./shifted-clock.ts";

/** Two applications over the same stores, as two processes of one installation are. */
export interface Twins {
  readonly apps: readonly [TestApp, TestApp];
  /** The clock of each: machines never agree to the millisecond. */
  readonly clocks: readonly [ShiftedClock, ShiftedClock];
  close(): Promise<void>;
}

/** A write takes its time on the way, as it does to a server: what was looked at before it may have changed when it arrives. */
const distant = (store: EventStore): EventStore => new Proxy(store, {
  get(target, key) {
    const value: unknown = Reflect.get(target, key, target);
    if (typeof value !== "function") return value;
    return key === "append" ? async (...args: unknown[]): Promise<unknown> => { await passes(2); return await Reflect.apply(value, target, args); } : value.bind(target);
  },
});

/** Starts a process of both roles and one that only answers requests, on stores in memory and with one engine between them. */
export async function startTwins(settings: Readonly<Record<string, string>> = {}): Promise<Twins> {
  const stores = await openStores(readConfig({ AGENTHUB_DATA_DIR: memory }));
  // The addresses are never dialled; they say that others write to these stores too.
  const shared = { AGENTHUB_EVENT_STORE: "esdb://shared", AGENTHUB_READ_MODELS: "mongodb://shared", ...settings };
  const kept = { ...stores, events: distant(stores.events), close: () => Promise.resolve() };
  const clocks = [new ShiftedClock(), new ShiftedClock()] as const;
  const first = await startTestApp({ settings: shared, stores: kept, clock: clocks[0] });
  const { runtime, agent, credentials } = first.world;
  const second = await startTestApp({ settings: { ...shared, AGENTHUB_ROLES: "api" }, stores: kept, clock: clocks[1], runtime, agent, credentials });
  return {
    apps: [first, second], clocks,
    close: async () => {
      await second.close();
      await first.close();
      await stores.close();
    },
  };
}
