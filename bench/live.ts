import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { Server } from "socket.io";
import { frameOf } from "#api/live/frames.ts";
import { LiveFeed } from "#api/live/live-feed.ts";
import type { RestContext } from "#api/rest/context.ts";
import { writeCursor } from "#api/rest/cursors.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { systemClock } from "#infra/system/clock.ts";
import { History, idOf } from "#test/support/history.ts";
import { alone, compare, type Figure, perSecond } from "./support/figure.ts";

const sockets = 1_000;
const events = 40;
const storeId = "store";
const since = writeCursor(storeId, "0000000001");
const history = new History().request(1).started(1);
const event = history.events.find(({ type }) => type === "InstanceStarted") as StoredEvent;
const account = idOf("account", 2);

/** A server with its listeners; `tell` has all of them told of one event. */
interface Side {
  readonly server: HttpServer;
  readonly tell: () => void;
  readonly end: () => Promise<void>;
}

/** The live feed as it is, on services that know one account and tell one event. */
function hub(): Side {
  const listeners = new Set<(event: StoredEvent) => void>();
  const services = {
    clock: systemClock, log: pino({ level: "error" }, pino.destination(2)), onSample: () => () => undefined, settings: { allowed_origins: [] },
    tail: { storeId, head: "", since: () => [], on: (listener: (event: StoredEvent) => void) => { listeners.add(listener); return () => listeners.delete(listener); } },
    readModels: { waitFor: () => Promise.resolve(true), reader: { get: () => Promise.resolve(null), getMany: () => Promise.resolve([]), query: () => Promise.resolve([]) } },
  };
  const context = {
    services, now: () => new Date().toISOString(), sockets: { count: 0 }, patience: 0, addressOf: () => "127.0.0.1", limits: { guesser: () => Promise.resolve() },
    auth: {
      onRevoked: () => () => undefined,
      principal: (key: string) => Promise.resolve({ account_id: account, name: key, roles: ["customer"], currency: "USD", key_id: key, key_hash: key, instance_id: null }),
    },
  } as unknown as RestContext;
  const server = createServer();
  const feed = new LiveFeed(context);
  feed.attach(server);
  return { server, tell: () => { for (const listener of listeners) listener(event); }, end: () => feed.close() };
}

/** Socket.io alone: everybody in one room, and the frame is there already. */
function bare(): Side {
  const server = createServer();
  const io = new Server(server, { serveClient: false });
  const frame = frameOf(event, (position) => writeCursor(storeId, position))?.frame;
  io.of("/live").on("connection", (socket) => {
    socket.on("subscribe", (_message: unknown, answer: (answer: object) => void) => {
      void socket.join("room");
      answer({ ok: true });
    });
  });
  return { server, tell: () => { io.of("/live").to("room").emit("instance.status", frame); }, end: async () => { await io.close(); } };
}

async function heard(listeners: ChildProcess, gone: Promise<never>, word: string): Promise<void> {
  const [message] = await Promise.race([once(listeners, "message"), gone]);
  if (message !== word) throw new Error(`the listeners said ${String(message)}, not ${word}`);
}

/** How many events a second reach everybody, one after the other. */
async function fanOut({ server, tell, end }: Side): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const listeners = fork(fileURLToPath(new URL("./processes/listeners.ts", import.meta.url)), [url, String(sockets), since], { execArgv: [] });
  const gone = once(listeners, "exit").then(([code]): never => { throw new Error(`the listeners ended with ${code}`); });
  gone.catch(() => undefined);
  try {
    await heard(listeners, gone, "ready");
    return await perSecond(async () => {
      for (let told = 0; told < events; told += 1) {
        tell();
        await heard(listeners, gone, "all");
      }
      return events;
    });
  } finally {
    listeners.kill();
    await end();
    server.close();
    server.closeAllConnections();
  }
}

/** One event told to 1,000 sockets by the live feed, beside one emit of socket.io to a room of as many. */
export const run = async (): Promise<Figure[]> => [await compare({
  name: "an event told to 1,000 sockets, beside one bare emit to a room", unit: "events/s", target: 0.5,
  ours: () => fanOut(hub()),
  bare: () => fanOut(bare()),
})];

if (import.meta.main) await alone(run);
