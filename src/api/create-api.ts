import type { RequestListener, Server } from "node:http";
import { LiveFeed } from "./live/live-feed.ts";
import { restContext } from "./rest/context.ts";
import { Telemetry } from "./rest/metrics.ts";
import { mount } from "./rest/mount.ts";
import type { Route } from "./rest/route.ts";
import { allRoutes } from "./rest/routes.ts";
import type { ApiServices } from "./services.ts";

export type { ApiServices } from "./services.ts";

/** The REST API and the live feed, ready to be served. */
export interface Api {
  readonly handler: RequestListener;
  readonly routes: readonly Route[];
  /** Serves the live feed on a server that serves `handler`. */
  attachLive(server: Server): void;
  /** Ends live connections and lets go of the tail; the HTTP server is its owner's to close. */
  close(): Promise<void>;
}

/** Makes the API of services that are there. */
export function createApi(services: ApiServices): Api {
  const context = restContext(services);
  const telemetry = new Telemetry();
  telemetry.watch(context);
  const routes = allRoutes(context, telemetry);
  const live = new LiveFeed(context);
  return {
    handler: mount(context, routes, telemetry),
    routes,
    attachLive: (server) => live.attach(server),
    async close() {
      context.closing.abort();
      await live.close();
      context.auth.close();
    },
  };
}
