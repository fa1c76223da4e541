import { type AppendResult, type Clock, type EventStore, OutcomeUnknown } from "./ports.ts";
import { sleep } from "./sleep.ts";

const retries = 6;

/** Appends, and asks again identically while nobody can tell whether it was written. */
export async function append({ store, clock }: { readonly store: EventStore; readonly clock: Clock }, ...asked: Parameters<EventStore["append"]>): Promise<AppendResult> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await store.append(...asked);
    } catch (error) {
      if (!(error instanceof OutcomeUnknown) || attempt >= retries) throw error;
      await sleep(clock, 50 * 2 ** attempt);
    }
  }
}
