import type { EventStore } from "#commands/ports.ts";
import type { Stores } from "#app/stores.ts";
import type { AgentDriver, ContainerRuntime } from "#reactions/ports.ts";
import type { Breakage } from "./breakage.ts";
import type { Life } from "./life.ts";
import { never } from "./life.ts";
import type { Place } from "./weather.ts";

type Method = (...given: unknown[]) => Promise<unknown>;

/** A port whose every method passes through the process's life. */
function through<T extends object>(life: Life, place: Place, inner: T, own: Partial<T> = {}): T {
  return new Proxy(inner, {
    get(target, name) {
      const mine = (own as Record<PropertyKey, unknown>)[name];
      if (mine !== undefined) return mine;
      const value = (target as Record<PropertyKey, unknown>)[name];
      if (typeof value !== "function" || typeof name !== "string") return value;
      return (...given: unknown[]) => life.pass(place, name, () => (value as Method).apply(target, given));
    },
  });
}

function eventsOf(life: Life, inner: EventStore, breakage: Breakage): EventStore {
  return through(life, "events", inner, {
    append: (...asked) => life.pass("events", "append", () => breakage.append(inner, ...asked)),
    subscribeAll: (from, onEvent) => life.pass("events", "subscribeAll", async () => {
      const subscription = await inner.subscribeAll(from, (event) => {
        if (life.alive && !breakage.hides(event)) return onEvent(event);
      });
      life.onDeath(() => { void subscription.stop(); });
      return subscription;
    }),
  });
}

/** The stores as one process reaches them; only what is durable outlives it. */
export function storesOf(life: Life, inner: Stores, breakage: Breakage): Stores {
  return {
    events: eventsOf(life, inner.events, breakage), readModels: through(life, "models", inner.readModels),
    system: through(life, "system", inner.system), metrics: through(life, "metrics", inner.metrics), close: async () => undefined,
  };
}

/** The engine as one process reaches it. */
export function engineOf(life: Life, inner: ContainerRuntime, missed: () => boolean): ContainerRuntime {
  return through(life, "engine", inner, {
    // A real engine answers even this; it says so when it is away.
    health: async () => {
      try {
        return await life.pass("engine", "health", () => inner.health());
      } catch (error) {
        return { ok: false, detail: (error as Error).message };
      }
    },
    watch: (onChange) => {
      const stop = inner.watch((id) => { if (life.alive && !missed()) onChange(id); });
      life.onDeath(stop);
      return stop;
    },
  });
}

/** The agents as one process reaches them; its connections die with it. */
export function driverOf(life: Life, inner: AgentDriver): AgentDriver {
  return through(life, "agent", inner, {
    connected: (id) => inner.connected(id),
    async *execute(target, request, signal) {
      await life.pass("agent", "execute", () => Promise.resolve());
      for await (const event of inner.execute(target, request, signal)) {
        if (!life.alive) await never();
        yield event;
      }
    },
  });
}
