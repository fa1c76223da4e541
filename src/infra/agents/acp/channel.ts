/** Hands values from callbacks to one reader, in order. */
export interface Channel<T> {
  push(value: T): void;
  /** The reader sees the error after what was pushed before it. */
  fail(error: unknown): void;
  next(): Promise<T>;
}

/** A channel that fails when its reader falls behind by more than `most` values. */
export function createChannel<T>(most: number, overflow: () => Error): Channel<T> {
  const values: T[] = [];
  let failure: { error: unknown } | null = null;
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  return {
    push(value) {
      if (failure) return;
      if (values.length >= most) failure = { error: overflow() };
      else values.push(value);
      notify();
    },
    fail(error) {
      failure ??= { error };
      notify();
    },
    async next() {
      for (;;) {
        if (values.length > 0) return values.shift() as T;
        if (failure) throw failure.error;
        await new Promise<void>((resolve) => { wake = resolve; });
      }
    },
  };
}
