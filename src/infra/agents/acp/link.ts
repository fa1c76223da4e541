import type { Clock } from "#commands/ports.ts";
import { abortable, deadline } from "../deadline.ts";
import { AgentFailure } from "../failure.ts";
import { heartbeatMs, silenceMs } from "./transport.ts";
import type { Transport } from "./transport.ts";

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
// Opening tries up to three transports; each has its own limit inside.
const openMs = 30_000;

/** The connection to one instance over time: opened once for all who ask, kept alive, opened again when it was to stay. */
export interface Link {
  readonly current: () => Transport | null;
  readonly openedAt: () => number;
  /** The open connection, opened now if there is none. */
  ensure(signal: AbortSignal): Promise<Transport>;
  /** From now on it is opened again, after growing pauses, whenever it ends. */
  keep(): void;
  readonly kept: () => boolean;
  close(reason: string): Promise<void>;
}

/** A link that opens its connections by `open`. */
export function createLink(clock: Clock, open: (signal: AbortSignal) => Promise<Transport>): Link {
  const ended = new AbortController();
  let transport: Transport | null = null;
  let opening: Promise<Transport> | null = null;
  let openedAt = 0;
  let kept = false;
  let failures = 0;
  let cancelBeat = (): void => undefined;
  let cancelRetry = (): void => undefined;

  function retry(): void {
    cancelRetry();
    if (!kept || ended.signal.aborted) return;
    const pause = Math.min(firstPauseMs * 2 ** Math.min(failures++, 10), longestPauseMs);
    cancelRetry = clock.after(pause, () => {
      start().catch(() => undefined);
    });
  }

  function beat(of: Transport): void {
    cancelBeat = clock.after(heartbeatMs, () => {
      // A peer that vanished without a word leaves a socket that looks open for ever.
      if (clock.now() - of.lastHeard() > silenceMs && of.kind === "websocket") void of.close("no sign of life");
      else void of.beat(ended.signal);
      beat(of);
    });
  }

  function onOpen(opened: Transport): Transport {
    transport = opened;
    openedAt = clock.now();
    beat(opened);
    void opened.closed.then(() => {
      if (transport !== opened) return;
      transport = null;
      cancelBeat();
      retry();
    });
    return opened;
  }

  function start(): Promise<Transport> {
    if (transport) return Promise.resolve(transport);
    cancelRetry();
    opening ??= (async () => {
      const limit = deadline(clock, openMs, ended.signal);
      try {
        const opened = await open(limit.signal);
        if (ended.signal.aborted) {
          await opened.close("not needed any more");
          throw new AgentFailure("agent-unreachable", "the connection was closed");
        }
        failures = 0;
        return onOpen(opened);
      } catch (error) {
        retry();
        throw error;
      } finally {
        limit.clear();
        opening = null;
      }
    })();
    return opening;
  }

  return {
    current: () => transport,
    openedAt: () => openedAt,
    kept: () => kept,
    ensure: (signal) => abortable(start(), signal),
    keep() {
      kept = true;
      if (!transport && !opening) retry();
    },
    async close(reason) {
      kept = false;
      cancelRetry();
      cancelBeat();
      ended.abort(new AgentFailure("agent-unreachable", "the connection was closed"));
      const open = transport;
      transport = null;
      await open?.close(reason);
    },
  };
}
