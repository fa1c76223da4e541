import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { ReadSide } from "#app/read-side.ts";
import type { Tail } from "#commands/tail.ts";
import { projection, type Projection } from "#projections/projection.ts";
import { History } from "#test/support/history.ts";
import { until } from "#test/support/until.ts";
import { openTestWorld, type TestWorld } from "#test/support/world.ts";

const opened = (name: string, version: number): Projection => projection({
  name, version, indexes: [{ name: "all", equals: [], sort: "at" }], key: (event) => event.metadata.account,
  start: { AccountOpened: (event) => ({ at: event.metadata.recorded_at }) }, on: {},
});

let world: TestWorld;
beforeEach(async () => { world = await openTestWorld(); });
afterEach(() => world.stores.close());

describe("projecting as one of several processes", () => {
  it("does not begin on a projector that others have ended meanwhile, and does when it is tried again", async () => {
    const history = new History();
    const words: string[] = [];
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    let held = true;
    const models = world.stores.readModels;
    // What the second duty asks first is answered late.
    const readModels = { ...models, checkpoint: async (name: string) => {
      if (held && name === "first__v1") {
        asked.resolve();
        await answered.promise;
      }
      return await models.checkpoint(name);
    } };
    const log = pino({ level: "warn" }, { write: (line: string) => { words.push(line); } });
    const whenNewer = (position: string, signal: AbortSignal) => until(() => signal.aborted || history.events.some((event) => event.position > position), { timeout: 600_000 });
    const tail = { ...history.feed(), whenNewer, head: "" } as unknown as Tail;
    const side = new ReadSide({ ...world, log, projections: [opened("first", 1), opened("later", 2)], stores: { ...world.stores, readModels, events: { ...world.stores.events, storeId: "store" } } }, tail, false);
    const [first, later] = side.duties;
    const endLater = await later?.begin(1);
    const beginning = first?.begin(1);
    await asked.promise;
    // Another process has taken over what is projected so far.
    await models.saveCheckpoint({ name: "later__v2", position: "", store_id: "store", epoch: 2 });
    history.open(1);
    await until(() => words.some((line) => line.includes("projecting ended")), { timeout: 60_000, what: "the projector to end" });
    held = false;
    answered.resolve();
    await expect(beginning).rejects.toThrow("ended while this began");
    const endFirst = await first?.begin(2);
    await until(async () => (await models.checkpoint("first__v1"))?.position === history.events.at(-1)?.position, { timeout: 60_000, what: "the events to be folded" });
    await endFirst?.();
    await endLater?.();
  });
});
