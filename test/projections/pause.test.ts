import { expect, test } from "@jest/globals";
import { backoff, longestRest, pauseBy } from "#projections/pause.ts";

function clock() {
  const due = new Map<number, () => void>();
  let next = 0;
  const after = (_ms: number, callback: () => void): (() => void) => {
    const id = next++;
    due.set(id, callback);
    return () => void due.delete(id);
  };
  return { after, due };
}

test("a pause ends by the clock, or at once when it is aborted, and leaves no timer", async () => {
  const { after, due } = clock();
  const pause = pauseBy({ after });
  const stop = new AbortController();
  const [first, second] = [pause(1000, stop.signal), pause(1000, stop.signal)];
  expect(due.size).toBe(2);
  due.get(0)?.();
  await first;
  stop.abort();
  await second;
  await pause(1000, stop.signal);
  expect(due.size).toBe(0);
});

test("rests grow with every failure in a row, up to a limit", () => {
  expect([1, 2, 3, 50].map(backoff)).toEqual([50, 100, 200, longestRest]);
});
