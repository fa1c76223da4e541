import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AppendTooLarge, type EventStore, type NewEvent, noStream, WrongExpectedRevision } from "#commands/ports.ts";
import { allAfter, ids, minutes, someEvent, someEvents, someStream, tip, within } from "./event-store-samples.ts";
import { subscriptionsContract } from "./event-store-subscriptions.ts";

/** A store under test and how to be rid of it. */
export interface OpenedStore {
  readonly store: EventStore;
  close(): Promise<void>;
}

/** What every event store promises; the log may hold other events already, and others may write to it meanwhile. */
export function eventStoreContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`event store: ${name}`, () => {
    let opened: OpenedStore;
    let store: EventStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    }, minutes);
    afterAll(async () => opened.close(), minutes);

    test("numbers a stream from 0 and answers the last revision and position", async () => {
      const stream = someStream();
      const first = await store.append(stream, someEvents(2), noStream);
      const second = await store.append(stream, someEvents(1), first.revision);
      expect([first.revision, second.revision]).toEqual([1, 2]);
      const read = await store.read(stream);
      expect(read.map(({ revision }) => revision)).toEqual([0, 1, 2]);
      expect([read[1]?.position, read[2]?.position]).toEqual([first.position, second.position]);
      expect(second.position > first.position).toBe(true);
    }, minutes);

    test("gives events back as they were appended", async () => {
      const stream = someStream();
      const event = someEvent({ text: "Grüße \u{1F600} \u0000", nested: { list: [1, "2", null, true] }, amount: "12.500000" });
      await store.append(stream, [event], noStream);
      const [read] = await store.read(stream);
      expect(read).toEqual({ ...event, stream, revision: 0, position: expect.any(String) });
    }, minutes);

    test("reads a missing stream as empty, in both directions", async () => {
      expect(await store.read(someStream())).toEqual([]);
      expect(await store.read(someStream(), { direction: "backwards", max: 1 })).toEqual([]);
    }, minutes);

    test("reads from an inclusive revision, backwards from the end, at most max", async () => {
      const stream = someStream();
      await store.append(stream, someEvents(5), noStream);
      const revisions = async (options: Parameters<EventStore["read"]>[1]): Promise<number[]> =>
        (await store.read(stream, options)).map(({ revision }) => revision);
      expect(await revisions({ from: 3 })).toEqual([3, 4]);
      expect(await revisions({ from: 1, max: 2 })).toEqual([1, 2]);
      expect(await revisions({ direction: "backwards" })).toEqual([4, 3, 2, 1, 0]);
      expect(await revisions({ direction: "backwards", from: 2, max: 2 })).toEqual([2, 1]);
      expect(await revisions({ from: 9 })).toEqual([]);
    }, minutes);

    test("refuses a wrong expected revision with the actual one and writes nothing", async () => {
      const stream = someStream();
      const refused = (expected: number): Promise<unknown> =>
        store.append(stream, someEvents(2), expected).then(() => "written", (error: unknown) => error);
      expect(await refused(0)).toMatchObject({ name: "WrongExpectedRevision", stream, expected: 0, actual: -1 });
      await store.append(stream, someEvents(3), noStream);
      expect(await refused(noStream)).toMatchObject({ expected: -1, actual: 2 });
      expect(await refused(1)).toMatchObject({ expected: 1, actual: 2 });
      expect(await refused(7)).toMatchObject({ expected: 7, actual: 2 });
      expect(await refused(1)).toBeInstanceOf(WrongExpectedRevision);
      expect(await store.read(stream)).toHaveLength(3);
    }, minutes);

    test("answers the identical append with its original result, also after the stream went on", async () => {
      const stream = someStream();
      const [first, second] = [someEvents(2), someEvents(3)];
      const one = await store.append(stream, first, noStream);
      expect(await store.append(stream, first, noStream)).toEqual(one);
      const two = await store.append(stream, second, 1);
      expect(await store.append(stream, first, noStream)).toEqual(one);
      expect(await store.append(stream, second, 1)).toEqual(two);
      expect(ids(await store.read(stream))).toEqual(ids([...first, ...second]));
    }, minutes);

    test("refuses a batch that mixes written events with new ones or reorders them", async () => {
      const stream = someStream();
      const [a, b] = [someEvent(), someEvent()];
      await store.append(stream, [a, b], noStream);
      await expect(store.append(stream, [b, a], noStream)).rejects.toBeInstanceOf(WrongExpectedRevision);
      await expect(store.append(stream, [a, someEvent()], noStream)).rejects.toBeInstanceOf(WrongExpectedRevision);
      expect(ids(await store.read(stream))).toEqual(ids([a, b]));
    }, minutes);

    test("writes an id again that was seen elsewhere", async () => {
      const event = someEvent();
      const [one, other] = [someStream(), someStream()];
      await store.append(one, [event], noStream);
      await store.append(other, [event], noStream);
      await store.append(one, [event], 0);
      expect(ids(await store.read(one))).toEqual([event.id, event.id]);
      expect(ids(await store.read(other))).toEqual([event.id]);
    }, minutes);

    test("refuses an append of over 1,000 events or 900 kB and takes 1,000 events", async () => {
      const stream = someStream();
      await expect(store.append(stream, someEvents(1_001), noStream)).rejects.toBeInstanceOf(AppendTooLarge);
      const big = someEvent({ text: "x".repeat(900_000) });
      await expect(store.append(stream, [big], noStream)).rejects.toBeInstanceOf(AppendTooLarge);
      expect((await store.append(stream, someEvents(1_000), noStream)).revision).toBe(999);
    }, minutes);

    test("reads the log in order from an exclusive position, both ways, without system events", async () => {
      const before = await tip(store);
      const streams = [someStream(), someStream(), someStream()];
      const written: NewEvent[] = [];
      for (const stream of streams) {
        const events = someEvents(3);
        await store.append(stream, events, noStream);
        written.push(...events);
      }
      const forwards = within(streams, await allAfter(store, before, 2));
      expect(ids(forwards)).toEqual(ids(written));
      const positions = forwards.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].toSorted());
      const back = async (from?: string): Promise<string[]> =>
        ids(within(streams, await store.readAll({ direction: "backwards", ...(from === undefined ? {} : { from }) })));
      expect(await back()).toEqual(ids(written.toReversed()));
      expect(await back(positions[5])).toEqual(ids(written.slice(0, 5).toReversed()));
      expect(within(streams, await store.readAll({ from: String(positions.at(-1)) }))).toEqual([]);
      expect(ids(within(streams, await store.readAll({ from: String(positions[0]) })))).toEqual(ids(written.slice(1)));
      for (const direction of ["forwards", "backwards"] as const) {
        const page = await store.readAll({ direction, from: String(positions[4]), max: 2 });
        expect(page).toHaveLength(2);
        expect(page.every(({ position }) => (direction === "forwards") === (position > String(positions[4])))).toBe(true);
      }
      const oldest = await store.readAll({ max: 5_000 });
      expect(oldest.filter(({ type, stream }) => type.startsWith("$") || stream.startsWith("$"))).toEqual([]);
      expect(oldest.filter(({ metadata }) => typeof metadata.recorded_at !== "string")).toEqual([]);
    }, minutes);

    test("lets exactly one of 64 concurrent appends at one revision win, round after round", async () => {
      const stream = someStream();
      for (let expected = noStream; expected < 3; expected++) {
        const tries = await Promise.allSettled(someEvents(64).map((event) => store.append(stream, [event], expected)));
        expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        const reasons = tries.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
        for (const reason of reasons) expect(reason).toMatchObject({ name: "WrongExpectedRevision", actual: expected + 1 });
      }
      expect(await store.read(stream)).toHaveLength(4);
    }, minutes);

    test("keeps 64 concurrent writers of 64 streams contiguous and the log in their order", async () => {
      const before = await tip(store);
      const streams = Array.from({ length: 64 }, someStream);
      await Promise.all(streams.map(async (stream) => {
        for (let expected = noStream; expected < 9; expected += 2) await store.append(stream, someEvents(2), expected);
      }));
      const log = within(streams, await allAfter(store, before));
      expect(log).toHaveLength(640);
      for (const stream of streams) {
        const revisions = log.filter((event) => event.stream === stream).map(({ revision }) => revision);
        expect(revisions).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }
    }, minutes);

    subscriptionsContract(() => store);
    test("has an identity and is healthy", async () => {
      expect(store.storeId).toMatch(/^[0-9a-f-]{36}$/);
      expect(await store.health()).toEqual({ ok: true });
    }, minutes);
  });
}
