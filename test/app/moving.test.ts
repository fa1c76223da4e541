import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "@jest/globals";
import { exportLines } from "#app/moving/export.ts";
import { importLines } from "#app/moving/import.ts";
import type { EventStore } from "#commands/ports.ts";
import { apiKeyRevoked } from "#domain/account/account.ts";
import { openSqliteEventStore } from "#infra/sqlite/event-store.ts";
import { openSqliteSystemStore } from "#infra/sqlite/system-store.ts";
import { systemClock } from "#infra/system/clock.ts";
import { systemIds } from "#infra/system/ids.ts";
import { ids } from "../support/facts.ts";
import { recorded } from "../support/given.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => { for (const part of open.splice(0)) await part.close(); });

const key = randomBytes(32);
async function stores() {
  const parts = { events: await openSqliteEventStore(":memory:"), system: openSqliteSystemStore(":memory:"), clock: systemClock, key };
  open.push(parts.events, parts.system);
  return parts;
}
async function filled() {
  const parts = await stores();
  for (let n = 0; n < 40; n += 1) {
    const event = () => recorded(apiKeyRevoked({ account_id: ids.account, key_id: `k${n}`, key_hash: "h" }), "2026-11-01T00:00:00.000Z", systemIds.random());
    await parts.events.append(`account-${n % 3}`, [event(), event()], Math.floor(n / 3) * 2 - 1);
  }
  await parts.system.put("secret", "a", { sealed: "x" });
  await parts.system.put("task-result", "t", { result: 1 }, 9_000_000_000_000);
  await parts.system.put("lease-like", "l", { not: "moved" });
  return parts;
}
async function* from(lines: readonly string[]) { yield* lines; }
const collect = async (lines: AsyncIterable<string>) => { const all: string[] = []; for await (const text of lines) all.push(text); return all; };
const contents = async (store: EventStore) => (await store.readAll()).map(({ id, stream, revision, data, metadata }) => ({ id, stream, revision, data, metadata }));

describe("an export", () => {
  it("brings every event and entry to another store as it was", async () => {
    const source = await filled();
    const target = await stores();
    const result = await importLines(exportLines(source), target);
    expect(result).toEqual({ events: 80, already: 0, system: 2 });
    expect(await contents(target.events)).toEqual(await contents(source.events));
    expect(await target.system.get("secret", "a", 0)).toEqual({ sealed: "x" });
    expect(await target.system.get("lease-like", "l", 0)).toBeNull();
  });
  it("keeps the order of the log with many appends under way", async () => {
    const source = await filled();
    const target = await stores();
    expect(await importLines(exportLines(source), { ...target, atOnce: 64 })).toMatchObject({ events: 80 });
    expect(await contents(target.events)).toEqual(await contents(source.events));
  });
  it("goes on where an import broke off", async () => {
    const source = await filled();
    const lines = await collect(exportLines(source));
    const target = await stores();
    await expect(importLines(from(lines.slice(0, 31)), target)).rejects.toThrow("breaks off");
    expect(await importLines(from(lines), target)).toMatchObject({ events: 80, already: 30 });
    expect(await contents(target.events)).toEqual(await contents(source.events));
  });
  it("shows no secret, and opens with the right key alone", async () => {
    const lines = await collect(exportLines(await filled()));
    expect(lines.join("\n")).not.toContain("sealed");
    const target = await stores();
    await expect(importLines(from(lines), { ...target, key: randomBytes(32) })).rejects.toThrow("AGENTHUB_SECRET_KEY");
  });
  it("is refused when a line is missing, changed, or the store holds something else", async () => {
    const lines = await collect(exportLines(await filled()));
    const without = lines.toSpliced(5, 1);
    const changed = lines.with(3, (lines[3] ?? "").replace("2026-11-01", "2026-11-02"));
    for (const broken of [without, changed]) await expect(importLines(from(broken), await stores())).rejects.toThrow(/count and hash|WrongExpected|is at revision/);
    await expect(importLines(from(lines), await filled())).rejects.toThrow("holds other events");
    await expect(importLines(from(["{}"]), await stores())).rejects.toThrow("cannot be read");
  });
});
