import type { RestContext } from "./context.ts";
import { aliveOut, readyOut } from "./operation-outputs.ts";
import { type Route, route } from "./route.ts";

interface Check {
  readonly ok: boolean;
  readonly detail?: string | undefined;
}

async function check(look: () => Promise<{ ok: boolean; detail?: string }>): Promise<Check> {
  try {
    return await look();
  } catch {
    return { ok: false, detail: "cannot be reached" };
  }
}

/** Whether the process lives, and whether it can serve. */
export function healthRoutes(context: RestContext): Route[] {
  const { services } = context;

  async function ready() {
    const [eventStore, readModels, system] = await Promise.all([
      check(() => services.eventStore.health()), check(() => services.readModels.health()), check(() => services.system.health()),
    ]);
    const checks = { event_store: { ok: eventStore.ok }, read_models: { ok: readModels.ok }, system_store: { ok: system.ok } };
    const ok = eventStore.ok && readModels.ok && system.ok;
    return { status: ok ? 200 : 503, body: { status: ok ? "ready" : "unavailable", version: services.settings.version, checks } };
  }

  return [
    route({
      method: "get", path: "/livez", tag: "health", summary: "Whether the process lives", roles: "public", probe: true, responses: { 200: aliveOut },
      handler: () => ({ body: { status: "alive" } }),
    }),
    route({
      method: "get", path: "/readyz", tag: "health", summary: "Whether every store can be reached", roles: "public", probe: true,
      responses: { 200: readyOut, 503: readyOut }, handler: ready,
    }),
    route({
      method: "get", path: "/health", tag: "health", summary: "The same as /readyz", roles: "public", probe: true,
      responses: { 200: readyOut, 503: readyOut }, handler: ready,
    }),
  ];
}
