import { afterEach, describe, expect, it } from "@jest/globals";
import type { EventStore } from "#commands/ports.ts";
import { Tail } from "#commands/tail.ts";
import { apiKeyRevoked } from "#domain/account/account.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { systemClock } from "#infra/system/clock.ts";
import { recorded } from "../support/given.ts";
import { ids } from "../support/facts.ts";
import { until } from "../support/until.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => { for (const part of open.splice(0).toReversed()) await part.close(); });

const now = new Date().toISOString();
const facts = (from: number, count: number) => Array.from({ length: count }, (_, n) =>
  recorded(apiKeyRevoked({ account_id: ids.account, key_id: `k${from + n}`, key_hash: "h" }), now, `00000000-0000-4000-8000-${String(from + n).padStart(12, "0")}`));
const keyOf = (event: { data: unknown }) => (event.data as { key_id: string }).key_id;

async function setUp(before: number, limits = { events: 50_000, ageMs: 3_600_000 }): Promise<{ store: EventStore; tail: Tail }> {
  const store = await openSqliteEventStore(":memory:");
  for (let at = 0; at < before; at += 500) await store.append("account-a", facts(at, Math.min(500, before - at)), at - 1);
  const tail = new Tail(store, systemClock, limits);
  await tail.start();
  open.push(store, { close: () => tail.stop() });
  return { store, tail };
}

describe("the tail", () => {
  it("tells what comes after its start, in order", async () => {
    const { store, tail } = await setUp(2);
    const seen: string[] = [];
    tail.on((event) => seen.push(keyOf(event)));
    await store.append("account-a", facts(2, 3), 1);
    await until(() => seen.length === 3, { what: "three events" });
    expect(seen).toEqual(["k2", "k3", "k4"]);
  });

  it("replays from its window what came before it, and says when that is too old", async () => {
    const { tail, store } = await setUp(1500, { events: 1000, ageMs: 3_600_000 });
    const all = await store.readAll({ max: 1000 });
    expect(tail.since("")).toBeNull();
    expect(tail.since(all.at(-2)?.position ?? "")?.map(keyOf).at(-1)).toBe("k1499");
    expect((await tail.readAfter("", 3)).map(keyOf)).toEqual(["k0", "k1", "k2"]);
  });

  it("reads on from any position without a gap", async () => {
    const { tail } = await setUp(120);
    const read: string[] = [];
    for (let at = ""; ;) {
      const page = await tail.readAfter(at, 50);
      read.push(...page.map(keyOf));
      const last = page.at(-1);
      if (last === undefined) break;
      at = last.position;
    }
    expect(read).toEqual(Array.from({ length: 120 }, (_, n) => `k${n}`));
  });

  it("wakes who waits for something newer, and who waits for one event", async () => {
    const { store, tail } = await setUp(1);
    const newer = tail.whenNewer(tail.head, new AbortController().signal);
    const { event } = tail.waitFor((candidate) => keyOf(candidate) === "k2", 20_000);
    await store.append("account-a", facts(1, 2), 0);
    await newer;
    expect(keyOf((await event) ?? { data: { key_id: "none" } })).toBe("k2");
  });

  it("gives up a wait when it is cancelled", async () => {
    const { tail } = await setUp(0);
    const waiting = tail.waitFor(() => true, 3_600_000);
    waiting.cancel();
    expect(await waiting.event).toBeNull();
  });
});
