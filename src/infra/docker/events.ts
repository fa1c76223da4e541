import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { jsonLines } from "./lines.ts";
import { labels, ownedBy } from "./names.ts";
import type { Outages } from "./outages.ts";

type EngineEvent = { readonly timeNano?: number; readonly Actor?: { readonly Attributes?: Record<string, string> } };

const changes = ["die", "oom", "start", "pause", "unpause", "destroy"];
const longestWait = 10_000;

/** Tells which instances' containers changed, over reconnects too; returns a way to stop. */
export function watchEvents(engine: Docker, installation: string, outages: Outages, onChange: (instanceId: string) => void): () => void {
  const stopped = new AbortController();
  let stream: Readable | undefined;
  let timer: NodeJS.Timeout | undefined;
  let since: string | undefined;
  let wait = 100;
  let broke = false;

  // An engine that was restarted has forgotten its events: whatever it holds may have changed.
  async function tellAll(): Promise<void> {
    const found = await engine.listContainers({ all: true, filters: ownedBy(installation) });
    const instances = new Set(found.map(({ Labels }) => Labels[labels.instance]));
    if (!stopped.signal.aborted) for (const instance of instances) if (instance !== undefined) onChange(instance);
  }

  async function listen(): Promise<void> {
    stream = await engine.getEvents({
      filters: { type: ["container"], event: changes, ...ownedBy(installation) },
      // What happened between two connections is told by the second one.
      ...(since !== undefined && { since }),
      abortSignal: stopped.signal,
    } as object) as Readable;
    wait = 100;
    if (broke) void tellAll().catch(() => undefined);
    broke = false;
    outages.answered(Date.now());
    for await (const event of jsonLines<EngineEvent>(stream)) {
      const instance = event.Actor?.Attributes?.[labels.instance];
      if (event.timeNano !== undefined) since = (event.timeNano / 1e9).toFixed(3);
      if (instance !== undefined && !stopped.signal.aborted) onChange(instance);
    }
  }

  function connect(): void {
    stream = undefined;
    void listen().catch(() => undefined).then(() => {
      if (stream === undefined) outages.refused(Date.now());
      stream?.destroy();
      if (stopped.signal.aborted) return;
      broke = true;
      timer = setTimeout(connect, wait);
      timer.unref();
      wait = Math.min(wait * 2, longestWait);
    });
  }

  since = (Date.now() / 1000).toFixed(3);
  connect();
  return () => {
    stopped.abort();
    clearTimeout(timer);
    stream?.destroy();
  };
}
