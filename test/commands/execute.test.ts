import { afterEach, describe, expect, it } from "@jest/globals";
import { openAccount } from "#commands/account/open-account.ts";
import { Executor } from "#commands/execute.ts";
import { createInstance } from "#commands/instance/create-instance.ts";
import { pauseInstance } from "#commands/instance/intents.ts";
import { recordFact } from "#commands/instance/record-fact.ts";
import { type EventStore, OutcomeUnknown, Unavailable } from "#commands/ports.ts";
import { reserveSlot } from "#commands/capacity/slots.ts";
import { capacity } from "#domain/capacity/capacity.ts";
import { capacityStream } from "#domain/kernel/ids.ts";
import { healthDegraded, instanceStarted } from "#domain/instance/events.ts";
import { instance } from "#domain/instance/instance.ts";
import { systemClock } from "#infra/system/clock.ts";
import { systemIds } from "#infra/system/ids.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { ids, requested } from "../support/facts.ts";
import { flush } from "../support/manual-clock.ts";

const open: EventStore[] = [];
async function setUp(wrap: (store: EventStore) => EventStore = (store) => store, singleWriter = true) {
  const store = await openSqliteEventStore(":memory:");
  open.push(store);
  const parts = { store: wrap(store), clock: systemClock, ids: systemIds, singleWriter };
  return { store, executor: new Executor(parts), another: () => new Executor(parts) };
}
afterEach(async () => { for (const store of open.splice(0)) await store.close(); });

const by = (command_id: string, request_hash?: string) => ({ account: ids.account, actor: "test", command_id, request_hash });
const slot = (n: number) => ({ agent_id: ids.agent, instance_id: `instance-00000000-0000-7000-8000-${String(n).padStart(12, "0")}`, max_instances: 10 });

/** The same store with one method in front of another. */
const intercept = (store: EventStore, append: EventStore["append"]): EventStore => new Proxy(store, {
  get: (target, name) => {
    if (name === "append") return append;
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  },
});

describe("the executor", () => {
  it("writes what a command decides, at contiguous revisions", async () => {
    const { store, executor } = await setUp();
    await executor.execute(createInstance, requested().data, by("1"));
    const { state, revision } = await executor.execute(recordFact, { fact: instanceStarted({ instance_id: ids.instance, attempt: 1, address: "x" }) }, by("2"));
    expect({ status: state.status, revision }).toEqual({ status: "running", revision: 1 });
    expect((await store.read(ids.instance)).map(({ type, metadata }) => [type, metadata.command_id])).toEqual([["InstanceRequested", "1"], ["InstanceStarted", "2"]]);
  });

  it("answers a command id that it has seen without a second fact", async () => {
    const { store, executor, another } = await setUp();
    await executor.execute(createInstance, requested().data, by("same", "hash"));
    expect((await executor.execute(createInstance, requested().data, by("same", "hash"))).repeated).toBe(true);
    expect((await another().execute(createInstance, requested().data, by("same", "hash"))).repeated).toBe(true);
    await expect(executor.execute(createInstance, requested().data, by("same", "other"))).rejects.toMatchObject({ code: "idempotency-key-reused" });
    expect(await store.read(ids.instance)).toHaveLength(1);
  });

  it("sends entries with the events of their command, again with a retry, and never without an event", async () => {
    const sent: unknown[] = [];
    const { executor } = await setUp((store) => intercept(store, (stream, events, expected, entries = []) => {
      sent.push(entries.map(({ key }) => key));
      return sent.length === 1 ? Promise.reject(new OutcomeUnknown("cut off")) : store.append(stream, events, expected, entries);
    }));
    const entry = (key: string) => [{ kind: "kind", key, value: 1, expires_at: 1 }];
    await executor.execute(createInstance, requested().data, by("1", "hash"), entry("a"));
    await executor.execute(createInstance, requested().data, by("1", "hash"), entry("repeated"));
    await Promise.all([1, 2].map((n) => executor.execute(reserveSlot, slot(n), by(`slot ${n}`), entry(`slot ${n}`))));
    expect(sent.slice(0, 2)).toEqual([["a"], ["a"]]);
    expect(sent.slice(2).flat()).toEqual(["slot 1", "slot 2"]);
  });

  it.each(["after", "before"])("folds an event once that a reader of the state comes upon %s its writer knows of it", async (when) => {
    const held = Promise.withResolvers<void>();
    let holding = false;
    let reading: Promise<unknown> = Promise.resolve();
    const { store, executor } = await setUp((inner) => new Proxy(inner, {
      get: (target, name) => {
        if (name === "read") return async (...asked: Parameters<EventStore["read"]>) => { if (holding) await held.promise; return target.read(...asked); };
        if (name === "append") return async (...asked: Parameters<EventStore["append"]>) => {
          const written = await target.append(...asked);
          if (holding && when === "before") { held.resolve(); await reading; }
          return written;
        };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }), false);
    await executor.execute(createInstance, requested().data, by("1"));
    await executor.execute(recordFact, { fact: instanceStarted({ instance_id: ids.instance, attempt: 1, address: "x" }) }, by("2"));
    await flush();
    holding = true;
    reading = executor.state(instance, ids.instance);
    await executor.execute(recordFact, { fact: healthDegraded({ instance_id: ids.instance, reason: "probe-failed" }) }, by("3"));
    held.resolve();
    await reading;
    holding = false;
    const { state, revision } = await executor.state(instance, ids.instance);
    expect({ errors: state.error_count, revision, stored: (await store.read(ids.instance)).length }).toEqual({ errors: 1, revision: 2, stored: 3 });
  });

  it("reads a stream anew when what it kept of it is not in the store", async () => {
    let swallow = true;
    const { executor } = await setUp((inner) => intercept(inner, async (stream, events, expected) => {
      if (!swallow) return inner.append(stream, events, expected);
      swallow = false;
      return { revision: expected + events.length, position: "" };
    }));
    await executor.execute(reserveSlot, slot(1), by("1"));
    await executor.execute(reserveSlot, slot(2), by("2"));
    expect([...(await executor.state(capacity, capacityStream(ids.agent))).state.held]).toEqual([slot(2).instance_id]);
  });

  it("holds a limit over 100 racing commands", async () => {
    const { executor } = await setUp();
    const results = await Promise.allSettled(Array.from({ length: 100 }, (_, n) => executor.execute(reserveSlot, slot(n), by(`c${n}`))));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    expect((await executor.state(capacity, capacityStream(ids.agent))).state.held.size).toBe(10);
  });

  it("holds a limit over two processes that race on one stream", async () => {
    const { executor, another, store } = await setUp(undefined, false);
    const other = another();
    const results = await Promise.allSettled(Array.from({ length: 60 }, (_, n) => (n % 2 === 0 ? executor : other).execute(reserveSlot, slot(n), by(`c${n}`))));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    expect(await store.read(capacityStream(ids.agent))).toHaveLength(10);
  });

  it("verifies a refusal that rests on kept state when others write too", async () => {
    const { executor, another } = await setUp(undefined, false);
    await executor.execute(createInstance, requested().data, by("1"));
    await another().execute(recordFact, { fact: instanceStarted({ instance_id: ids.instance, attempt: 1, address: "x" }) }, by("2"));
    expect((await executor.execute(pauseInstance, { instance_id: ids.instance, reason: "r" }, by("3"))).state.status).toBe("pausing");
  });

  it("retries an unknown outcome as the identical batch: applied once, lost reply or lost request", async () => {
    let calls = 0;
    const { store, executor } = await setUp((inner) => intercept(inner, async (...append) => {
      calls += 1;
      if (calls === 1) throw new OutcomeUnknown("lost request");
      const result = await inner.append(...append);
      if (calls === 2) throw new OutcomeUnknown("lost reply");
      return result;
    }));
    await executor.execute(createInstance, requested().data, by("1"));
    expect(calls).toBe(3);
    expect(await store.read(ids.instance)).toHaveLength(1);
  });

  it("drops what it kept when an append fails, and goes on when the store is back", async () => {
    let away = false;
    const { executor } = await setUp((inner) => intercept(inner, (...append) => (away ? Promise.reject(new Unavailable("away")) : inner.append(...append))));
    await executor.execute(createInstance, requested().data, by("1"));
    away = true;
    const refused = await Promise.allSettled(["2", "3"].map((id) => executor.execute(pauseInstance, { instance_id: ids.instance, reason: "r" }, by(id))));
    expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    away = false;
    const { state } = await executor.execute(recordFact, { fact: instanceStarted({ instance_id: ids.instance, attempt: 1, address: "x" }) }, by("4"));
    expect(state.status).toBe("running");
  });

  it("writes commands that wait on one stream as one append", async () => {
    const batches: number[] = [];
    const { executor } = await setUp((inner) => intercept(inner, (stream, events, expected) => { batches.push(events.length); return inner.append(stream, events, expected); }));
    await Promise.all(Array.from({ length: 10 }, (_, n) => executor.execute(reserveSlot, slot(n), by(`c${n}`))));
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(10);
    expect(batches.length).toBeLessThan(10);
  });

  it("refuses what its schema does not know", async () => {
    const { executor } = await setUp();
    expect(() => executor.execute(openAccount, { account_id: "nonsense" } as never, by("1"))).toThrow("account-<uuid>");
  });
});
