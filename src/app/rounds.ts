import type { Clock } from "#commands/ports.ts";

/** Work that is done again and again. */
export interface Rounds {
  /** Settles with the first round. */
  readonly first: Promise<void>;
  /** Begins no further round, and waits for the one that runs. */
  stop(): Promise<void>;
}

/** Does work at once, and again so long after each end; what it throws it must catch itself. */
export function inRounds(clock: Pick<Clock, "after">, restMs: number, work: (stopped: AbortSignal) => Promise<void>): Rounds {
  const stopping = new AbortController();
  const { signal } = stopping;
  let cancel = (): void => undefined;
  const round = (): Promise<void> => work(signal).then(() => {
    if (!signal.aborted) cancel = clock.after(restMs, () => { turn = round(); });
  });
  let turn = round();
  return { first: turn, stop: async () => { stopping.abort(); cancel(); await turn; } };
}
