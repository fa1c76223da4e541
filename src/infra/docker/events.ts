import type { Readable } from "node:stream";
import type Docker from "dockerode";
import { jsonLines } from "./lines.ts";
import { labels, ownedBy } from "./names.ts";

type EngineEvent = { readonly timeNano?: number; readonly Actor?: { readonly Attributes?: Record<string, string> } };

const changes = ["die", "oom", "start", "pause", "unpause", "destroy"];
const longestWait = 10_000;

/** Tells which instances' containers changed, over reconnects too; returns a way to stop. */
export function watchEvents(engine: Docker, installation: string, onChange: (instanceId: string) => void): () => void {
  const stopped = new AbortController();
  let stream: Readable | undefined;
  let timer: NodeJS.Timeout | undefined;
  let since: string | undefined;
  let wait = 100;

  async function listen(): Promise<void> {
    stream = await engine.getEvents({
      filters: { type: ["container"], event: changes, ...ownedBy(installation) },
      // What happened between two connections is told by the second one.
      ...(since !== undefined && { since }),
      abortSignal: stopped.signal,
    } as object) as Readable;
    wait = 100;
    for await (const event of jsonLines<EngineEvent>(stream)) {
      const instance = event.Actor?.Attributes?.[labels.instance];
      if (event.timeNano !== undefined) since = (event.timeNano / 1e9).toFixed(3);
      if (instance !== undefined && !stopped.signal.aborted) onChange(instance);
    }
  }

  function connect(): void {
    void listen().catch(() => undefined).then(() => {
      stream?.destroy();
      if (stopped.signal.aborted) return;
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
