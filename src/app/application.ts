import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { answerClientError } from "#api/client-error.ts";
import type { Api } from "#api/create-api.ts";
import { T, isEmbedded, wire } from "./container.ts";
import { ensureFirstAccounts } from "./first-accounts.ts";
import { assertSameSecretKey } from "./installation.ts";
import { LeaseKeeper } from "./lease-keeper.ts";
import type { World } from "./world.ts";

/** A running application. */
export interface Application {
  /** Where it answers. */
  readonly url: string;
  readonly container: ReturnType<typeof wire>["container"];
  /** Stops taking work, lets what runs come to an end, closes the stores. */
  readonly close: () => Promise<void>;
}

/** A worker answers for its health alone. */
const isHealth = (path: string | undefined): boolean => /^\/(livez|readyz|metrics)(\?|$)/.test(path ?? "");

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const { address, port: bound, family } = server.address() as AddressInfo;
      const name = ["0.0.0.0", "::"].includes(address) ? "localhost" : family === "IPv6" ? `[${address}]` : address;
      resolve(`http://${name}:${bound}`);
    });
  });
}

/**
 * Load balancers keep an idle connection for a minute: who ends it first must not be the server, in the middle of their next request.
 * What trickles in may take as long: it holds no more than an idle connection does. The time counts against a request that has come
 * whole while this process stood still, too, so a short one would refuse good requests on a starved machine.
 */
const timeouts = { headersTimeout: 60_000, requestTimeout: 60_000, keepAliveTimeout: 65_000 };

const drainMs = 10_000;
// For telling callers of tasks that were cancelled then.
const tellMs = 3_000;
const idleMs = 50;

/** Lets what was asked be answered within 10 s and what it takes to say that it was cancelled. Live connections are ended first: a server waits for them and cannot end them. */
async function closeServer(server: Server, api: Api): Promise<void> {
  const closed = new Promise<void>((resolve) => { server.close(() => resolve()); });
  server.closeIdleConnections();
  // Those of requests that were answered since would stay open for the next one.
  const idle = setInterval(() => server.closeIdleConnections(), idleMs);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs + tellMs);
  await api.close();
  await closed;
  clearTimeout(cut);
  clearInterval(idle);
}

/** Puts an application together and starts its roles: what is acknowledged from here on is durable. */
export async function run(world: World): Promise<Application> {
  const { config, stores, clock, log, credentials } = world;
  const { container, unload } = wire(world);
  const roles = new Set(config.AGENTHUB_ROLES);
  const ends: (() => Promise<void>)[] = [() => stores.close(), unload];
  const close = async () => { for (const end of ends.splice(0).toReversed()) await end(); };
  try {
    await assertSameSecretKey(stores.system, credentials);
    const [executor, keys, readSide, duty, api, tasks, self] = await Promise.all([
      container.getAsync(T.executor), container.getAsync(T.keys), container.getAsync(T.readSide), container.getAsync(T.engineDuty), container.getAsync(T.api), container.getAsync(T.tasks), container.getAsync(T.self),
    ]);
    await ensureFirstAccounts({ executor, ids: world.ids, hash: (key) => keys.hash(key) }, credentials);
    const keeper = new LeaseKeeper({ system: stores.system, clock, owner: self, ttlMs: config.AGENTHUB_LEASE_TIME, warn: (message) => log.warn(message) });
    ends.push(() => keeper.stop());
    // Looked at before anything is folded; what cannot be found out now is asked for again by the first reader.
    await readSide.floor().catch(() => undefined);
    if (roles.has("worker") || isEmbedded(world)) {
      for (const projecting of readSide.duties) await keeper.keep(projecting);
      await keeper.keep(duty.duty);
    }
    const server = createServer(timeouts, (request, response) => {
      if (roles.has("api") || isHealth(request.url)) api.handler(request, response);
      else response.writeHead(404).end();
    });
    server.on("clientError", answerClientError);
    if (roles.has("api")) api.attachLive(server);
    const url = await listen(server, config.HOST, config.PORT);
    // Tasks that nobody waits for get the time of those that somebody does.
    ends.push(async () => { await Promise.all([closeServer(server, api), tasks.settle(drainMs)]); });
    return { url, container, close };
  } catch (error) {
    await close();
    throw error;
  }
}
