import { describe, expect, it } from "@jest/globals";
import { until } from "#test/support/until.ts";
import { bills, difference } from "./bills.ts";

describe("the check of bills", () => {
  it("goes through the live instances first, then all, then from the start, a slice each round", async () => {
    const { round } = bills(["c", "d", "e"], ["a", "b", "c", "d", "e"], { limits: { instances: 2, events: 1000 } });
    const seen: string[] = [];
    for (let at = 0; at < 7; at += 1) seen.push((await round()).looked.join(""));
    expect(seen).toEqual(["cd", "e", "ab", "cd", "e", "cd", "e"]);
  });

  it("goes on where an earlier process stood, past the bill at which that one died", async () => {
    const [live, all] = [["c", "d", "e"], ["a", "b", "c", "d", "e"]];
    const limits = { instances: 2, events: 1000 };
    const first = bills(live, all, { limits });
    const { system } = first;
    const seen = [(await first.round()).looked.join("")];
    for (let at = 0; at < 6; at += 1) seen.push((await bills(live, all, { limits, system }).round()).looked.join(""));
    expect(seen).toEqual(["cd", "e", "ab", "cd", "e", "cd", "e"]);
    const died = Promise.withResolvers<never>();
    void bills(live, all, { limits, system, audit: () => died.promise }).round();
    await until(async () => (await system.get("billing-check", "place", 0) as { after?: unknown }).after !== undefined);
    expect((await bills(live, all, { limits, system }).round()).looked).toEqual(["b", "c"]);
  });

  it("begins anew where what is kept makes no sense", async () => {
    const { round, system } = bills(["a"], []);
    await system.put("billing-check", "place", { of: "none" });
    expect((await round()).looked).toEqual(["a"]);
  });

  it("ends a round by the number of events, and goes on where it ended", async () => {
    const { round } = bills(["a", "b", "c", "d"], [], { limits: { instances: 10, events: 20 } });
    expect((await round()).looked).toEqual(["a", "b"]);
    expect((await round()).looked).toEqual(["c", "d"]);
  });

  it("names the instance and the field that differs, after a second look", async () => {
    const { round, wrong } = bills(["a", "b"], []);
    wrong.add("b");
    const { conditions, looked, checked } = await round();
    expect(looked).toEqual(["a", "b", "b"]);
    expect([...checked]).toEqual(["a", "b"]);
    expect(conditions).toEqual([{ code: "bill-differs", severity: "error", subject: "b", words: "The bill of b differs: instance-billing.total_cost is 1.00, but 1.50 by its events" }]);
  });

  it("says nothing of what differed for a moment only", async () => {
    let times = 0;
    const audit = ({ instance }: { instance: string }) => Promise.resolve({ events_read: 1, differences: (times += 1) === 1 ? [difference(instance)] : [] });
    expect((await bills(["a"], [], { audit }).round()).conditions).toEqual([]);
  });

  it("looks at what differed again in every round, and passes over what cannot be read without losing what it found", async () => {
    const { round, wrong, broken } = bills(["a", "b", "c"], []);
    wrong.add("a");
    broken.add("b");
    const first = await round();
    expect(first).toMatchObject({ looked: ["a", "a", "b"], failure: "b cannot be read", conditions: [{ subject: "a" }] });
    expect(await round(["a"])).toMatchObject({ looked: ["c", "a", "a"], failure: null, conditions: [{ subject: "a" }] });
  });

  it("stops between two instances when it is told to", async () => {
    const { check, round } = bills(["a", "b"], []);
    check.stop();
    expect((await round()).looked).toEqual([]);
  });
});
