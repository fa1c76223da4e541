import type { Watched } from "#api/services.ts";
import type { Clock } from "#commands/ports.ts";
import { instances } from "#projections/instances.ts";
import type { Reader } from "#projections/reader.ts";
import { token } from "#projections/search.ts";
import type { MetricSample, Metrics } from "#reactions/ports.ts";

/** What passing samples on needs. */
export interface RelayParts {
  readonly metrics: Metrics;
  readonly reader: Reader;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Whether this process takes the samples itself: then it tells them as they come. */
  readonly samplesHere: () => boolean;
}

const mostPerAccount = 200;

async function watchedInstances(reader: Reader, { instances: ids, accounts }: Watched): Promise<string[]> {
  const all = new Set(ids);
  for (const customer_id of accounts) {
    const running = await reader.query(instances, { index: "by_customer", equals: { customer_id }, tokens: [token("status", "running")], descending: true, limit: mostPerAccount });
    for (const { instance_id } of running) all.add(instance_id);
  }
  return [...all];
}

/** Tells the newest samples of watched instances that another process took; the answer ends it. */
export function relaySamples({ metrics, reader, clock, everyMs, samplesHere }: RelayParts, listener: (sample: MetricSample) => void, watched: () => Watched): () => void {
  let told = new Map<string, number>();
  let stopped = false;
  let cancel = (): void => undefined;
  const look = async () => {
    if (samplesHere()) return;
    const ids = await watchedInstances(reader, watched());
    const samples = ids.length === 0 ? [] : await metrics.latest(ids);
    if (stopped) return;
    for (const sample of samples) if (sample.at > (told.get(sample.instance_id) ?? 0)) listener(sample);
    // Only what is still watched is remembered.
    told = new Map(samples.map(({ instance_id, at }) => [instance_id, at]));
  };
  const tick = () => {
    cancel = clock.after(everyMs, () => {
      // A store that is away keeps samples from nobody for longer than it is away.
      void look().catch(() => undefined).then(() => { if (!stopped) tick(); });
    });
  };
  tick();
  return () => { stopped = true; cancel(); };
}
