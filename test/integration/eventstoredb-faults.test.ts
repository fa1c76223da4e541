import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type EventStore, noStream } from "#commands/ports.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { classify } from "#infra/eventstoredb/failures.ts";
import { openEventStoreDb } from "#infra/eventstoredb/open.ts";
import { someEvent, someEvents, someStream } from "#test/contract/event-store-samples.ts";
import type { Fault } from "#test/support/esdb-double/faults.ts";
import { type EsdbDouble, startEsdbDouble } from "#test/support/esdb-double/server.ts";
import { until } from "#test/support/until.ts";

const minutes = 120_000;
const ids = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id);

describe("the EventStoreDB adapter", () => {
  let double: EsdbDouble;
  let store: EventStore;
  beforeEach(async () => {
    double = await startEsdbDouble();
    store = await openEventStoreDb(double.connectionString, { attemptMs: 1_000, budgetMs: 60_000, silenceMs: 200 });
  }, minutes);
  afterEach(async () => {
    await store.close();
    await double.close();
  }, minutes);

  /** 16 streams of 5 events, with the fault armed between their appends; everything is in the log once. */
  async function verifyWrites(fault: Fault, times: number): Promise<void> {
    const streams = Array.from({ length: 16 }, () => ({ stream: someStream(), events: someEvents(5) }));
    double.faults.arm(fault, times);
    const results = await Promise.all(streams.map(async ({ stream, events }) => {
      const revisions: number[] = [];
      for (const [index, event] of events.entries()) {
        revisions.push((await store.append(stream, [event], index - 1)).revision);
      }
      return revisions;
    }));
    expect(double.faults.left(fault)).toBe(0);
    expect(results).toEqual(streams.map(() => [0, 1, 2, 3, 4]));
    for (const { stream, events } of streams) expect(ids(double.log.stream(stream))).toEqual(ids(events));
  }

  const appendFaults: readonly (readonly [fault: Fault, times: number, what: string])[] = [
    ["never-reply", 2, "that are never answered"],
    ["apply-never-reply", 2, "that are written and never answered"],
    ["half-close", 2, "whose call the server ends"],
    ["kill-before-apply", 2, "during which the server is killed"],
    ["kill-after-apply", 2, "that are written before the server is killed"],
    ["answer-twice", 5, "that are answered twice"],
    ["not-ready", 5, "to a server that is not ready"],
    ["not-leader", 3, "to a server that is not the leader"],
  ];
  test.each(appendFaults)("%s: loses and repeats nothing of appends (%i times) %s", async (fault, times) => {
    await verifyWrites(fault, times);
  }, minutes);

  test("refuses a stale writer although its first attempt had no answer", async () => {
    const stream = someStream();
    await store.append(stream, someEvents(2), noStream);
    double.faults.arm("never-reply");
    await expect(store.append(stream, someEvents(1), noStream)).rejects.toMatchObject({ name: "WrongExpectedRevision", actual: 1 });
    expect(double.log.stream(stream)).toHaveLength(2);
  }, minutes);

  test("repeats a read that the server fails", async () => {
    const stream = someStream();
    const events = someEvents(3);
    await store.append(stream, events, noStream);
    double.faults.arm("read-unavailable", 3);
    expect(ids(await store.read(stream))).toEqual(ids(events));
    double.faults.arm("read-unavailable", 3);
    expect(ids(await store.readAll())).toEqual(ids(events));
  }, minutes);

  test("reads a stream whole that comes more slowly than silence is borne", async () => {
    const [stream, events] = [someStream(), someEvents(40)];
    await store.append(stream, events, noStream);
    double.faults.arm("slow-read", 1_000);
    expect(ids(await store.read(stream))).toEqual(ids(events));
  }, minutes);

  /** Follows while 40 events are written, the fault happening in between; each is delivered once and in order. */
  async function verifyDelivers(disturb: (number: number) => Promise<void> | void): Promise<void> {
    const seen: StoredEvent[] = [];
    const subscription = await store.subscribeAll("start", (event) => void seen.push(event));
    const stream = someStream();
    const events = someEvents(40);
    for (const [index, event] of events.entries()) {
      await disturb(index);
      await store.append(stream, [event], index - 1);
    }
    await until(() => seen.length >= 40, { timeout: 60_000, what: "40 delivered events" });
    await subscription.stop();
    expect(ids(seen)).toEqual(ids(events));
  }

  const subscriptionFaults: readonly Fault[] = ["duplicate-delivery", "end-subscription", "mute-subscription", "kill-after-apply"];
  test.each(subscriptionFaults)("%s: a subscription misses and repeats nothing", async (fault) => {
    await verifyDelivers((number) => {
      if (number === 10 || number === 30) double.faults.arm(fault);
    });
    expect(double.faults.left(fault)).toBe(0);
  }, minutes);

  test("a subscription goes on after the server was away", async () => {
    await verifyDelivers(async (number) => {
      if (number !== 20) return;
      double.down();
      expect(await store.health()).toMatchObject({ ok: false });
      double.up();
    });
    expect(await until(async () => (await store.health()).ok, { what: "health" })).toBe(true);
  }, minutes);

  test("a subscription goes on after the server stood still with its connections open", async () => {
    const seen: StoredEvent[] = [];
    const subscription = await store.subscribeAll("start", (event) => void seen.push(event));
    const [first, second] = [someEvent(), someEvent()];
    await store.append(someStream(), [first], noStream);
    await until(() => seen.length === 1, { what: "the first event" });
    double.faults.stalled = true;
    const append = store.append(someStream(), [second], noStream);
    expect(await store.health()).toMatchObject({ ok: false });
    double.faults.stalled = false;
    await append;
    await until(() => seen.length === 2, { timeout: 60_000, what: "the event after the standstill" });
    await subscription.stop();
    expect(ids(seen)).toEqual(ids([first, second]));
  }, minutes);

  test("gives its answer back when a server stays away: unavailable or outcome unknown, and works afterwards", async () => {
    await store.close();
    store = await openEventStoreDb(double.connectionString, { attemptMs: 2_000, budgetMs: 2_000, silenceMs: 200 });
    const stream = someStream();
    const events = someEvents(1);
    double.faults.arm("apply-never-reply", 1_000);
    await expect(store.append(stream, events, noStream)).rejects.toMatchObject({ name: "OutcomeUnknown" });
    double.faults.arm("apply-never-reply", 0);
    double.down();
    await expect(store.read(stream)).rejects.toMatchObject({ name: "Unavailable" });
    double.up();
    const again = await until(() => store.append(stream, events, noStream).catch(() => undefined), { what: "the identical retry" });
    expect(again.revision).toBe(0);
    expect(ids(double.log.stream(stream))).toEqual(ids(events));
  }, minutes);

  test("keeps its identity, and refuses a second client beside it", async () => {
    const { storeId } = store;
    await expect(openEventStoreDb(double.connectionString)).rejects.toThrow("already");
    await store.close();
    store = await openEventStoreDb(double.connectionString);
    expect(store.storeId).toBe(storeId);
    expect(await store.readAll()).toEqual([]);
  }, minutes);
});

describe("opening EventStoreDB", () => {
  test("says in one line what is wrong with a connection string", async () => {
    await expect(openEventStoreDb("http://localhost:2113")).rejects.toThrow("starts with esdb://");
    const refused = await openEventStoreDb("esdb://localhost:port").catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "EventStoreMisconfigured", message: expect.not.stringContaining("\n") });
  }, minutes);

  test("says that the user or password is refused", async () => {
    const double = await startEsdbDouble({ login: "admin:right" }); // the client sends a login over TLS only: none comes
    await expect(openEventStoreDb(double.connectionString)).rejects.toThrow("refuses the user or password");
    await double.close();
  }, minutes);

  test("says that a user may not read the log, and that a server is too old", async () => {
    for (const [kind, words] of [[{ guardsLog: true }, "needs an administrator"], [{ old: true }, "too old: 22.6 or newer"]] as const) {
      const double = await startEsdbDouble(kind);
      const refused = await openEventStoreDb(double.connectionString).catch((error: unknown) => error);
      await double.close();
      expect(refused).toMatchObject({ name: "EventStoreMisconfigured", message: expect.stringContaining(words) });
    }
  }, minutes);

  test("says that TLS needs a host name", async () => {
    await expect(openEventStoreDb("esdb://127.0.0.1:2113?tls=true")).rejects.toThrow("needs a host name");
  }, minutes);

  test("tells a disagreement on TLS from a server that is away", () => {
    const failed = (message: string): unknown => classify(Object.assign(new Error(message), { code: 14 }));
    expect(failed("14 UNAVAILABLE: No connection established. Last error: write EPROTO error:0A00010B:SSL routines::wrong version number"))
      .toMatchObject({ error: { name: "EventStoreMisconfigured", message: expect.stringContaining("disagree on TLS") } });
    expect(failed("14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 127.0.0.1:2113"))
      .toEqual({ again: "unwritten" });
    expect(failed("14 UNAVAILABLE: read ECONNRESET")).toEqual({ again: "unknown" });
  });

  test("names the server that does not answer, without the credentials", async () => {
    const double = await startEsdbDouble();
    const { connectionString } = double;
    await double.close();
    const away = await openEventStoreDb(connectionString.replace("esdb://", "esdb://admin:secret@"), { attemptMs: 300, budgetMs: 300 })
      .catch((error: unknown) => error);
    expect(away).toMatchObject({ name: "Unavailable", message: expect.stringContaining(`127.0.0.1:${double.port}`) });
    expect(String(away)).not.toContain("secret");
  }, minutes);
});
