import { expect, test } from "@jest/globals";
import { type EventStore, noStream } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { until } from "#test/support/until.ts";
import { allAfter, ids, minutes, someEvent, someEvents, someStream, tip, within } from "./event-store-samples.ts";

/** What every event store promises to those who follow its log. */
export function subscriptionsContract(of: () => EventStore): void {
  test("delivers every event in order and one at a time while appends go on", async () => {
    const store = of();
    const before = await tip(store);
    const streams = Array.from({ length: 17 }, someStream);
    const [early = "", ...late] = streams;
    await store.append(early, someEvents(100), noStream);
    const seen: StoredEvent[] = [];
    let inHandler = 0;
    let overlapped = false;
    const subscription = await store.subscribeAll(before ?? "start", async (event) => {
      inHandler += 1;
      overlapped ||= inHandler > 1;
      await Promise.resolve();
      seen.push(...within(streams, [event]));
      inHandler -= 1;
    });
    await Promise.all(late.map(async (stream) => {
      for (let expected = noStream; expected < 24; expected++) await store.append(stream, someEvents(1), expected);
    }));
    await until(() => seen.length >= 500, { what: "500 delivered events" });
    await subscription.stop();
    expect(ids(seen)).toEqual(ids(within(streams, await allAfter(store, before))));
    expect(overlapped).toBe(false);
  }, minutes);

  test("subscribes at the end to what comes after only, and delivers nothing once stopped", async () => {
    const store = of();
    const stream = someStream();
    await store.append(stream, someEvents(3), noStream);
    const seen: StoredEvent[] = [];
    const subscription = await store.subscribeAll("end", (event) => void seen.push(...within([stream], [event])));
    const event = someEvent();
    await store.append(stream, [event], 2);
    await until(() => seen.length > 0, { what: "the event after the end" });
    await subscription.stop();
    await store.append(stream, someEvents(1), 3);
    expect(ids(seen)).toEqual([event.id]);
  }, minutes);

  test("delivers an event again whose handler failed, and none after it before", async () => {
    const store = of();
    const before = await tip(store);
    const events = someEvents(3);
    const seen: string[] = [];
    const stream = someStream();
    await store.append(stream, events, noStream);
    const subscription = await store.subscribeAll(before ?? "start", (event) => {
      if (event.stream !== stream) return;
      seen.push(event.id);
      if (seen.length === 2) throw new Error("the handler fails once");
    });
    await until(() => seen.length >= 4, { what: "the repeated delivery" });
    await subscription.stop();
    expect(seen).toEqual([events[0]?.id, events[1]?.id, events[1]?.id, events[2]?.id]);
  }, minutes);

  test("catches up over 10,000 events", async () => {
    const store = of();
    const before = await tip(store);
    const stream = someStream();
    for (let batch = 0; batch < 20; batch++) await store.append(stream, someEvents(500), batch * 500 - 1);
    let seen = 0;
    let ordered = true;
    const subscription = await store.subscribeAll(before ?? "start", (event) => {
      if (event.stream !== stream) return;
      ordered &&= event.revision === seen;
      seen += 1;
    });
    await until(() => seen >= 10_000, { what: "10,000 delivered events" });
    await subscription.stop();
    expect({ seen, ordered }).toEqual({ seen: 10_000, ordered: true });
  }, minutes);
}
