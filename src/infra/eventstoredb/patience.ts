import { setTimeout as delay } from "node:timers/promises";
import { OutcomeUnknown, Unavailable } from "#commands/ports.ts";
import { classify, NoAnswer } from "./failures.ts";

/** How long to wait for one answer, and for all attempts together. */
export interface Patience {
  readonly attemptMs: number;
  readonly budgetMs: number;
}

const firstPause = 30;
const longestPause = 1_000;

/** Repeats an identical attempt with growing, jittered pauses until it succeeds, is refused or the budget is spent. */
export async function persist<T>({ budgetMs }: Patience, writes: boolean, attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + budgetMs;
  let maybeWritten = false;
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      return await attempt();
    } catch (error) {
      const verdict = classify(error);
      if ("error" in verdict) throw verdict.error;
      maybeWritten ||= writes && verdict.again === "unknown";
      if (performance.now() + pause > end) throw gaveUp(maybeWritten, error);
    }
    await delay(pause * (0.5 + Math.random()));
  }
}

/** Bounds a promise by our own timer: the client's deadlines do not hold for appends. */
export async function answeredWithin<T>(ms: number, answer: Promise<T>, giveUp: () => void): Promise<T> {
  const silence = watchSilence(ms, giveUp);
  try {
    return await Promise.race([answer, silence.tooLong]);
  } finally {
    silence.end();
  }
}

/** A watch on an answer that comes in parts. */
export interface Silence {
  /** Another part came. */
  heard(): void;
  /** Rejects once nothing came for too long. */
  readonly tooLong: Promise<never>;
  end(): void;
}

/** Watches for a silence of `ms` between two parts of an answer. */
export function watchSilence(ms: number, giveUp: () => void): Silence {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NoAnswer(`EventStoreDB did not answer within ${ms} ms`));
      giveUp();
    }, ms);
  });
  tooLong.catch(() => undefined);
  return { tooLong, heard: () => void timer?.refresh(), end: () => clearTimeout(timer) };
}

function gaveUp(maybeWritten: boolean, cause: unknown): Error {
  const reason = String((cause as Error).message).split("\n")[0];
  return maybeWritten
    ? new OutcomeUnknown(`EventStoreDB gave no answer to an append: ${reason}`, { cause })
    : new Unavailable(`EventStoreDB cannot be reached: ${reason}`, { cause });
}
