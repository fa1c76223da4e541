import { describe, expect, it } from "@jest/globals";
import { WorkQueue } from "#reactions/work-queue.ts";
import { flush, ManualClock } from "#test/support/manual-clock.ts";

interface Gate {
  readonly key: string;
  open(): void;
}

/** A queue whose work waits until the test lets it end. */
function gated(limit = 16): { queue: WorkQueue; gates: Gate[]; clock: ManualClock } {
  const clock = new ManualClock();
  const gates: Gate[] = [];
  const queue = new WorkQueue({
    clock, limit, onError: () => undefined,
    run: (key) => new Promise((resolve) => { gates.push({ key, open: () => { resolve(undefined); } }); }),
  });
  return { queue, gates, clock };
}

describe("the work queue", () => {
  it("never works twice at once on a key, and once more when asked meanwhile", async () => {
    const { queue, gates } = gated();
    queue.add("a");
    queue.add("a");
    queue.add("a");
    await flush();
    expect(gates).toHaveLength(1);
    gates[0]?.open();
    await flush();
    expect(gates).toHaveLength(2);
    gates[1]?.open();
    await flush();
    expect(gates).toHaveLength(2);
    expect(queue.idle).toBe(true);
  });

  it("works on so many keys at once, and on the others afterwards", async () => {
    const { queue, gates } = gated(2);
    for (const key of ["a", "b", "c"]) queue.add(key);
    await flush();
    expect(gates.map(({ key }) => key)).toEqual(["a", "b"]);
    gates[0]?.open();
    await flush();
    expect(gates.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  });

  it("keeps the earliest of several delays, and a look at once replaces it", async () => {
    const { queue, gates, clock } = gated();
    queue.addAfter("a", 5_000);
    queue.addAfter("a", 1_000);
    queue.addAfter("a", 9_000);
    await clock.run(999);
    expect(gates).toHaveLength(0);
    await clock.run(1);
    expect(gates).toHaveLength(1);
    gates[0]?.open();
    await clock.run(20_000);
    expect(gates).toHaveLength(1);
    queue.addAfter("a", 1_000);
    queue.add("a");
    await flush();
    gates[1]?.open();
    await clock.run(20_000);
    expect(gates).toHaveLength(2);
  });

  it("tries again with growing pauses after errors, and looks again when asked to", async () => {
    const clock = new ManualClock();
    const start = clock.now();
    const at: number[] = [];
    const errors: unknown[] = [];
    const queue = new WorkQueue({
      clock, onError: (_, error) => { errors.push(error); },
      run: async () => {
        at.push(clock.now() - start);
        if (at.length <= 3) throw new Error("away");
        return at.length === 4 ? 7_000 : undefined;
      },
    });
    queue.add("a");
    await clock.run(60_000);
    expect(at).toEqual([0, 500, 1_500, 3_500, 10_500]);
    expect(errors).toHaveLength(3);
  });

  it("stops by waiting for what runs and taking nothing more in", async () => {
    const { queue, gates, clock } = gated();
    queue.add("a");
    queue.addAfter("b", 10);
    await flush();
    let stopped = false;
    const stop = queue.stop().then(() => { stopped = true; });
    queue.add("c");
    await clock.run(100);
    expect([stopped, gates.length]).toEqual([false, 1]);
    gates[0]?.open();
    await stop;
    expect(gates).toHaveLength(1);
  });
});
