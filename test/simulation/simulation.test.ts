import { describe, expect, it } from "@jest/globals";
import { breakages } from "./breakage.ts";
import { type Findings, simulate } from "./simulate.ts";

const patience = 240_000;

const report = ({ problems, trace, evidence, step }: Findings, seed: number): string =>
  [`seed ${seed}, step ${step}`, ...trace.slice(-25), ...evidence, ...problems].join("\n");

describe("the whole application, simulated", () => {
  it.each([1, 2, 3, 4, 6])("keeps everything that must hold through crashes, lost answers and accidents (seed %d)", async (seed) => {
    const findings = await simulate({ seed, steps: 150 });
    expect(findings.problems.length === 0 ? "" : report(findings, seed)).toBe("");
    expect(findings.processes).toBeGreaterThan(1);
    expect(findings.events).toBeGreaterThan(20);
  }, patience);

  it("replays a seed exactly, event by event", async () => {
    const [first, second] = [await simulate({ seed: 6, steps: 100 }), await simulate({ seed: 6, steps: 100 })];
    expect(second.digest).toBe(first.digest);
    expect(second.trace).toEqual(first.trace);
    expect((await simulate({ seed: 2, steps: 100 })).digest).not.toBe(first.digest);
  }, patience);

  it.each(breakages)("finds an application that is built wrong within a few seeds (%s)", async (breakage) => {
    let found: readonly string[] = [];
    for (let seed = 1; seed <= 20 && found.length === 0; seed += 1) found = (await simulate({ seed, steps: 200, breakage })).problems;
    expect(found.join("\n")).toMatch({ "drop-event": /replays to/, "double-charge": /once more/, "leak-slot": /holds a slot/ }[breakage]);
  }, patience);
});
