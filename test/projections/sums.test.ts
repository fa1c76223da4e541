import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { plus } from "#domain/kernel/time.ts";
import { addBills, BillingTotals } from "#projections/billing-summary.ts";
import { projections } from "#projections/index.ts";
import { instances } from "#projections/instances.ts";
import type { ReadModels } from "#projections/ports.ts";
import { Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import { History, idOf } from "#test/support/history.ts";
import { lives } from "./lives.ts";
import { closeEach, open, project, projectorOf, summarised, sumsOf, walked } from "./summing.ts";

closeEach();

describe("sums of what is settled, with what is open added", () => {
  test("answer the very same as a walk over every bill, after any history, at any later instant, however it was cut into batches", async () => {
    await fc.assert(fc.asyncProperty(lives, fc.integer({ min: 1, max: 9 }), fc.nat(5_000_000), async (history, batch, seconds) => {
      const models = open();
      await project(history, models, batch);
      for (const now of [history.now, plus(history.now, seconds * 1000)]) expect(await summarised(models, now)).toEqual(await walked(models, now));
    }), { numRuns: 60, seed: 20261129 });
  }, 240_000);

  test("do so after every batch on the way too", async () => {
    await fc.assert(fc.asyncProperty(lives, async (history) => {
      const models = open();
      const projector = projectorOf(history, models, 4);
      while (await projector.step()) expect(await summarised(models, history.now)).toEqual(await walked(models, history.now));
    }), { numRuns: 5, seed: 20261129 });
  }, 240_000);

  test("hold everything once when projectors break off between any two writes and others go on", async () => {
    await fc.assert(fc.asyncProperty(lives, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 20, maxLength: 20 }), async (history, lifetimes) => {
      const [models, untouched] = [open(), open()];
      for (const [number, writes] of lifetimes.entries()) {
        let left = writes;
        const mortal: ReadModels = { ...models, write: async (...asked) => {
          if (left-- <= 0) throw new Error("killed");
          return await models.write(...asked);
        } };
        const projector = projectorOf(history, mortal, 1 + (number % 5));
        try {
          while (await projector.step());
        } catch {
          // The next one goes on from what is there.
        }
      }
      await project(history, models);
      await project(history, untouched);
      expect(await summarised(models, history.now)).toEqual(await summarised(untouched, history.now));
      expect(await sumsOf(models)).toEqual(await sumsOf(untouched));
    }), { numRuns: 20, seed: 20261129 });
  }, 240_000);

  test("hold everything once when two projectors write at the same time", async () => {
    await fc.assert(fc.asyncProperty(lives, fc.infiniteStream(fc.nat(4)), async (history, turns) => {
      const models = open();
      const slow: ReadModels = { ...models, getMany: async (...asked) => {
        const found = await models.getMany(...asked);
        for (let turn = turns.next().value ?? 0; turn > 0; turn -= 1) await Promise.resolve();
        return found;
      } };
      await Promise.all([1, 3].map(async (batch) => {
        const projector = projectorOf(history, slow, batch);
        while (await projector.step());
      }));
      expect(await summarised(models, history.now)).toEqual(await walked(models, history.now));
    }), { numRuns: 20, seed: 20261129 });
  }, 240_000);

  test("never miss an instance nor count it twice while it is being written that it ended", async () => {
    const history = new History().open(1, ["publisher"]).open(2).register(1, 1).request(1).started(1).after(3600).task(1, 1, 1)
      .terminationRequested(1).after(5).terminated(1).release(1).reported(1, "late", "requests", "3");
    const customer_id = idOf("account", 2);
    const models = open();
    const seen: number[] = [];
    const look = async () => {
      const bills = new BillingTotals(history.now);
      await addBills(new Reader(models), { customer_id }, bills);
      seen.push(bills.view("USD").instances);
    };
    const watched: ReadModels = { ...models, write: async (...asked) => {
      await look();
      const answer = await models.write(...asked);
      await look();
      return answer;
    } };
    await project(history, watched, 1);
    expect([...new Set(seen)]).toEqual([0, 1]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  test("are not needed: a collection of an earlier version, which has none, is walked", async () => {
    const history = new History().open(1, ["publisher"]).open(2).register(1, 1).request(1).started(1).after(3600).terminationRequested(1).terminated(1);
    const models = open();
    const { sums: _none, ...without } = instances;
    const projector = new Projector({ models, feed: history.feed(), projections: projections.map((of) => (of.name === instances.name ? without as typeof of : of)), pause: () => Promise.resolve() });
    while (await projector.step());
    expect(await sumsOf(models)).toEqual([]);
    expect(await summarised(models, history.now)).toEqual(await walked(models, history.now));
  });
});
