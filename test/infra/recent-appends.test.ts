import { describe, expect, it } from "@jest/globals";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { RecentAppends } from "#infra/sqlite/event-store-recent.ts";

const position = (number: number): string => String(number).padStart(16, "0");
const events = (...numbers: number[]) => numbers.map((number) => ({ position: position(number) }) as StoredEvent);
const after = (recent: RecentAppends, number: number) => recent.after(position(number))?.map((event) => Number(event.position)) ?? null;

describe("what was appended last", () => {
  it("tells what follows a position, and that nothing follows the last", () => {
    const recent = new RecentAppends();
    recent.add(events(5, 6));
    recent.add(events(7));
    expect([after(recent, 4), after(recent, 6), after(recent, 7)]).toEqual([[5, 6, 7], [7], []]);
  });

  it("leaves to the log what is older than it, and the log's beginning", () => {
    const recent = new RecentAppends();
    expect(after(recent, 0)).toBeNull();
    recent.add(events(5));
    expect([after(recent, 3), recent.after(undefined)]).toEqual([null, null]);
  });

  it("never tells of events with a gap between them", () => {
    const recent = new RecentAppends();
    recent.add(events(5));
    recent.add(events(7));
    expect([after(recent, 4), after(recent, 5), after(recent, 6)]).toEqual([null, null, [7]]);
  });

  it("takes an append that was answered again for what it is", () => {
    const recent = new RecentAppends();
    recent.add(events(5, 6));
    recent.add(events(5));
    expect(after(recent, 4)).toEqual([5, 6]);
  });

  it("knows nothing once the log may hold more than it was told", () => {
    const recent = new RecentAppends();
    recent.add(events(5));
    recent.forget();
    expect(after(recent, 4)).toBeNull();
  });

  it("stays small", () => {
    const recent = new RecentAppends();
    for (let number = 1; number <= 5_000; number += 1) recent.add(events(number));
    expect(after(recent, 0)).toBeNull();
    expect(after(recent, 4_990)).toHaveLength(10);
  });
});
