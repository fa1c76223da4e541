import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { MetricSample, Metrics } from "#reactions/ports.ts";

/** What every store of samples must do. */
export function metricsContract(label: string, open: () => Promise<{ store: Metrics; close: () => Promise<void> }>): void {
  describe(`metrics on ${label}`, () => {
    let store: Metrics;
    let close: () => Promise<void>;
    let one = "";
    let two = "";
    let count = 0;
    // Of this hour: a server that expires samples by itself would take old ones away under the test.
    const start = Date.now() - 3_600_000;

    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(async () => {
      await close();
    });
    beforeEach(() => {
      one = `one-${++count}`;
      two = `two-${count}`;
    });

    const sample = (instance_id: string, at: number, fields: Partial<MetricSample> = {}): MetricSample => ({
      instance_id, at: start + at, cpu_percent: 12.5, memory_bytes: 64_000_000, memory_limit_bytes: 5_000_000_000, network_rx_bytes: 1,
      network_tx_bytes: 0, healthy: true, response_ms: 3.25, ...fields,
    });
    const unknown = { cpu_percent: null, memory_bytes: null, memory_limit_bytes: null, network_rx_bytes: null, network_tx_bytes: null, healthy: false, response_ms: null };

    test("samples come back as they were recorded, unknown figures as null", async () => {
      const samples = [sample(one, 1000), sample(one, 2000, unknown)];
      await store.record(samples);
      await store.record([]);
      expect(await store.range(one, start, start + 10_000, 10)).toEqual(samples);
    });

    test("the latest sample of each instance that has one, in the order asked", async () => {
      await store.record([sample(one, 3000), sample(two, 1000), sample(one, 1000), sample(two, 2000), sample(one, 2000)]);
      expect((await store.latest([two, "unknown", one])).map(({ instance_id, at }) => [instance_id, at - start])).toEqual([[two, 2000], [one, 3000]]);
      expect(await store.latest([])).toEqual([]);
    });

    test("a range is the oldest first, with its start and without its end, of one instance", async () => {
      await store.record([5000, 1000, 3000, 2000, 4000].flatMap((at) => [sample(one, at), sample(two, at)]));
      const of = async (from: number, to: number, limit = 10): Promise<number[]> => (await store.range(one, start + from, start + to, limit)).map(({ at }) => at - start);
      expect(await of(2000, 4000)).toEqual([2000, 3000]);
      expect(await of(0, 9000, 2)).toEqual([1000, 2000]);
      expect(await of(5001, 9000)).toEqual([]);
    });

    test("a purge removes what is older and nothing else", async () => {
      await store.record([1000, 2000, 3000].map((at) => sample(one, at)));
      await store.purge(start + 2000);
      expect((await store.range(one, start, start + 9000, 10)).map(({ at }) => at - start)).toEqual([2000, 3000]);
      await store.purge(start + 9000);
      expect(await store.latest([one])).toEqual([]);
    });
  });
}
