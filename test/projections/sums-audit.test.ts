import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { auditOf } from "#app/audits.ts";
import type { ReadSide } from "#app/read-side.ts";
import type { World } from "#app/world.ts";
import { toMillis } from "#domain/kernel/time.ts";
import { customerSum } from "#projections/instance-sums.ts";
import { instances } from "#projections/instances.ts";
import type { ReadModels } from "#projections/ports.ts";
import { collectionName } from "#projections/projection.ts";
import { Reader } from "#projections/reader.ts";
import { Tally } from "#projections/sums.ts";
import { History, idOf } from "#test/support/history.ts";
import { lives } from "./lives.ts";
import { closeEach, open, project, sumsOf } from "./summing.ts";

const collection = collectionName(instances);

closeEach();

/** What an audit of everything says of sums; what else a made-up history lacks is not asked. */
async function sumDifferences(history: History, models: ReadModels) {
  const position = history.events.at(-1)?.position ?? "";
  const events = { readAll: async ({ from = "", max = 1000 }) => history.events.filter((event) => event.position > from).slice(0, max) };
  const world = { stores: { events }, clock: { now: () => toMillis(history.now) } } as unknown as World;
  const readSide = { reader: new Reader(models), position: () => Promise.resolve(position) } as unknown as ReadSide;
  return (await auditOf(world, readSide)({})).differences.filter(({ field }) => /^(customer|publisher) /.test(field));
}

describe("an audit of sums", () => {
  test("agrees with any history, and finds any figure that somebody changed", async () => {
    let changed = 0;
    await fc.assert(fc.asyncProperty(lives, fc.nat(), async (history, pick) => {
      const models = open();
      await project(history, models);
      expect(await sumDifferences(history, models)).toEqual([]);
      const sums = await sumsOf(models);
      const sum = sums[pick % sums.length];
      if (sum === undefined) return;
      const figures = Object.entries(sum.figures).flatMap(([group, names]) => Object.keys(names).map((name) => ({ group, name })))
        .filter(({ name }) => !name.startsWith("status ") && name !== "admitted");
      const { group, name } = figures[pick % figures.length] ?? { group: "open", name: "x" };
      const wrong = new Tally().add(sum.figures).add({ [group]: { [name]: 1n } }).figures;
      const text = Object.fromEntries(Object.entries(wrong).map(([key, names]) => [key, Object.fromEntries(Object.entries(names).map(([one, figure]) => [one, String(figure)]))]));
      await models.write(collection, [{ document: { ...sum, figures: text }, expected: sum._v }]);
      expect(await sumDifferences(history, models)).toMatchObject([{ read_model: "instances", field: `${sum._id}: ${group}.${name}` }]);
      changed += 1;
    }), { numRuns: 60, seed: 20261129 });
    expect(changed).toBeGreaterThan(40);
  }, 240_000);

  test("finds a sum that is missing, or behind what its read model was said to hold", async () => {
    const history = new History().open(1, ["publisher"]).open(2).register(1, 1).request(1).started(1).after(3600).terminationRequested(1);
    const models = open();
    await project(history, models);
    const before = await sumsOf(models);
    history.terminated(1).reported(1, "late", "requests", "3").request(2);
    await project(history, models);
    expect(await sumDifferences(history, models)).toEqual([]);
    const id = `${customerSum(idOf("account", 2))} ${idOf("agent", 1)}`;
    const [now] = await models.getMany(collection, [id]);
    const old = before.find(({ _id }) => _id === id);
    if (now === undefined || old === undefined) throw new Error("there is no such sum");
    await models.write(collection, [{ document: { ...old }, expected: now._v }]);
    const fields = (await sumDifferences(history, models)).map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining([`${id}: life.task`, `${id}: open.${idOf("instance", 2)}`]));
  });
});
