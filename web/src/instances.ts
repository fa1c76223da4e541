import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { LiveFrame } from "#client/live.ts";
import type { Instance, Sample } from "#client/schema.ts";
import type { Feed } from "./feed.ts";
import { useSession } from "./session.ts";

/** An instance with what the live feed adds. */
export interface Watched {
  readonly instance: Instance;
  /** When its cost was exact, by this browser's clock. */
  readonly costAt: number;
  readonly samples: readonly Sample[];
}

const mostSamples = 60;
const patience = 20;

const idOf = (frame: LiveFrame): string | undefined => ("data" in frame && "instance_id" in frame.data ? frame.data.instance_id : undefined);

/** What a frame alone tells about an instance. */
function told(watched: Watched, frame: LiveFrame): Watched {
  const { instance } = watched;
  switch (frame.event) {
    case "instance.status": return { ...watched, instance: { ...instance, status: frame.data.status } };
    case "instance.health": return { ...watched, instance: { ...instance, health_status: { ...instance.health_status, healthy: frame.data.healthy } } };
    case "cost.update": {
      const { total_cost, rate_per_hour } = frame.data;
      return { ...watched, costAt: Date.now(), instance: { ...instance, billing_info: { ...instance.billing_info, total_cost, rate_per_hour } } };
    }
    case "instance.metrics": {
      const { cpu_usage, sampled_at, ...figures } = frame.data;
      const sample: Sample = { ...figures, at: sampled_at, cpu_percent: cpu_usage };
      return { ...watched, samples: [...watched.samples.filter((other) => other.at !== sample.at), sample].slice(-mostSamples) };
    }
    default: return watched;
  }
}

/** Instances that stay up to date by the live feed: the state, and how to put what was loaded into it. */
export function useWatched(feed: Feed, accepts: (id: string) => boolean): { all: ReadonlyMap<string, Watched>; put: (instances: readonly Instance[]) => void; refresh: (id: string) => void } {
  const { client } = useSession();
  const all = useRef(new Map<string, Watched>());
  const [, redraw] = useState(0);
  const draw = useCallback(() => redraw((count) => count + 1), []);

  const put = useCallback((instances: readonly Instance[]) => {
    for (const instance of instances)
      all.current.set(instance.instance_id, { samples: all.current.get(instance.instance_id)?.samples ?? [], costAt: Date.now(), instance });
    draw();
  }, []);

  // A frame may come before the read model holds its event: what is older than the frame is not shown.
  const refresh = useCallback((id: string, at = "") => {
    const again = async () => {
      for (let turn = 0; turn < patience; turn++) {
        const instance = await client.getInstance(id);
        if (instance.updated_at >= at) return put([instance]);
        await new Promise((resolve) => { setTimeout(resolve, 150); });
      }
    };
    again().catch(() => undefined);
  }, [client]);

  useEffect(() => feed.listen((frame) => {
    const id = idOf(frame);
    if (frame.event === "resync_required") for (const known of all.current.keys()) refresh(known);
    if (id === undefined || !accepts(id)) return;
    const watched = all.current.get(id);
    if (watched !== undefined) all.current.set(id, told(watched, frame));
    if (frame.event === "instance.status" || frame.event === "instance.health") refresh(id, frame.at);
    draw();
  }), [feed]);

  return { all: all.current, put, refresh };
}

/** Reads the latest samples of an instance. */
export function useSamples(id: string, live: readonly Sample[]): readonly Sample[] {
  const { client } = useSession();
  const [past, setPast] = useState<readonly Sample[]>([]);
  useEffect(() => {
    let gone = false;
    client.instanceMetrics(id, { limit: 500 }).then(
      ({ metrics }) => { if (!gone) setPast(metrics.slice(-mostSamples)); }, () => undefined,
    );
    return () => { gone = true; };
  }, [id]);
  const known = new Set(past.map(({ at }) => at));
  return [...past, ...live.filter(({ at }) => !known.has(at))].slice(-mostSamples);
}
