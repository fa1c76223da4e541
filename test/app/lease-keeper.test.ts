import { describe, expect, it } from "@jest/globals";
import { LeaseKeeper } from "#app/lease-keeper.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";

/** A clock that the test moves, and whose timers it awaits. */
function handClock() {
  let now = 1_000_000;
  const timers = new Set<{ at: number; callback: () => void }>();
  return {
    clock: {
      now: () => now,
      after(ms: number, callback: () => void) {
        const timer = { at: now + ms, callback };
        timers.add(timer);
        return () => { timers.delete(timer); };
      },
    },
    advance: async (ms: number) => {
      now += ms;
      for (const timer of [...timers].filter(({ at }) => at <= now)) { timers.delete(timer); timer.callback(); }
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
    },
  };
}

function duty(log: string[], owner: string) {
  return { name: "projections", begin: async (epoch: number) => { log.push(`${owner} begins at ${epoch}`); return async () => { log.push(`${owner} ends`); }; } };
}

describe("leases", () => {
  it("let one process work, and another take over once the first is silent for the lease's time", async () => {
    const system = openSqliteSystemStore(":memory:");
    const { clock, advance } = handClock();
    const log: string[] = [];
    const keeper = (owner: string) => new LeaseKeeper({ system, clock, owner, ttlMs: 15_000, warn: (message) => log.push(message) });
    const [first, second] = [keeper("a"), keeper("b")];
    await first.keep(duty(log, "a"));
    await second.keep(duty(log, "b"));
    await advance(5000);
    expect(log).toEqual(["a begins at 1"]);
    await first.stop();
    await advance(5000);
    expect(log).toEqual(["a begins at 1", "a ends", "b begins at 2"]);
    await second.stop();
    await system.close();
  });

  it("end the work before the lease runs out when the store is away", async () => {
    const system = openSqliteSystemStore(":memory:");
    const { clock, advance } = handClock();
    let away = false;
    const flaky = new Proxy(system, { get: (target, name) => (name === "acquireLease" && away ? () => Promise.reject(new Error("away")) : (Reflect.get(target, name) as () => unknown).bind(target)) });
    const log: string[] = [];
    const keeper = new LeaseKeeper({ system: flaky, clock, owner: "a", ttlMs: 15_000, warn: (message) => log.push(message) });
    await keeper.keep(duty(log, "a"));
    away = true;
    await advance(5000);
    await advance(5000);
    expect(log).toEqual(["a begins at 1"]);
    await advance(5000);
    expect(log).toEqual(["a begins at 1", "a ends"]);
    away = false;
    await advance(5000);
    expect(log.at(-1)).toMatch(/^a begins at/);
    await keeper.stop();
    await system.close();
  });

  it("are renewed while the work takes long to begin, so that nobody else begins it meanwhile", async () => {
    const system = openSqliteSystemStore(":memory:");
    const { clock, advance } = handClock();
    const log: string[] = [];
    const ready = Promise.withResolvers<void>();
    const keeper = (owner: string) => new LeaseKeeper({ system, clock, owner, ttlMs: 15_000, warn: (message) => log.push(message) });
    const [slow, other] = [keeper("a"), keeper("b")];
    const kept = slow.keep({ name: "projections", begin: async () => { log.push("a begins"); await ready.promise; log.push("a has begun"); return async () => { log.push("a ends"); }; } });
    await advance(0);
    await other.keep(duty(log, "b"));
    for (let round = 0; round < 10; round += 1) await advance(5000);
    expect(log).toEqual(["a begins"]);
    ready.resolve();
    await kept;
    await slow.stop();
    await advance(5000);
    expect(log).toEqual(["a begins", "a has begun", "a ends", "b begins at 2"]);
    await other.stop();
    await system.close();
  });

  it("begin the work anew for who gets a lease back that others had while it stood still", async () => {
    const system = openSqliteSystemStore(":memory:");
    const log: string[] = [];
    const clocks = [handClock(), handClock()] as const;
    const [frozen, gone] = clocks.map(({ clock }, at) => new LeaseKeeper({ system, clock, owner: "ab"[at] ?? "", ttlMs: 15_000, warn: (message) => log.push(message) })) as [LeaseKeeper, LeaseKeeper];
    await frozen.keep(duty(log, "a"));
    await clocks[1].advance(20_000);
    await gone.keep(duty(log, "b"));
    await clocks[0].advance(60_000);
    expect(log).toEqual(["a begins at 1", "b begins at 2", "a ends", "a begins at 3"]);
    await clocks[0].advance(5000);
    expect(log).toHaveLength(4);
    await frozen.stop();
    await gone.stop();
    await system.close();
  });

  it("are given back by who could not begin, and taken again under a higher epoch", async () => {
    const system = openSqliteSystemStore(":memory:");
    const { clock, advance } = handClock();
    const log: string[] = [];
    let broken = true;
    const keeper = new LeaseKeeper({ system, clock, owner: "a", ttlMs: 15_000, warn: (message) => log.push(message) });
    await keeper.keep({ name: "projections", begin: (epoch) => (broken ? Promise.reject(new Error("away")) : duty(log, "a").begin(epoch)) });
    await advance(5000);
    broken = false;
    await advance(5000);
    await keeper.stop();
    expect(log).toEqual(["projections: Error: away", "projections: Error: away", "a begins at 3", "a ends"]);
    await system.close();
  });
});
