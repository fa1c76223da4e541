/** What the double can be told to do wrong. */
export type Fault =
  /** Take an append, write nothing, answer nothing. */
  | "never-reply"
  /** Write an append and answer nothing. */
  | "apply-never-reply"
  /** End the append call from the server's side without an answer. */
  | "half-close"
  /** Drop every connection before an append is written. */
  | "kill-before-apply"
  /** Write an append, then drop every connection instead of answering. */
  | "kill-after-apply"
  /** Answer an append twice. */
  | "answer-twice"
  /** Refuse an append as a server does that is starting. */
  | "not-ready"
  /** Refuse an append as a follower does. */
  | "not-leader"
  /** Deliver an event twice to a subscription. */
  | "duplicate-delivery"
  /** End a subscription from the server's side at its next event. */
  | "end-subscription"
  /** Fall silent for ever on a subscription at its next event, with the connection alive. */
  | "mute-subscription"
  /** Fail a read. */
  | "read-unavailable"
  /** Answer a read so slowly that the whole of it takes longer than silence is borne. */
  | "slow-read";

/** Faults that are armed for a number of times. */
export class Faults {
  readonly #armed = new Map<Fault, number>();
  /** Answers nothing at all while true, with the connection alive. */
  stalled = false;

  arm(fault: Fault, times = 1): void {
    this.#armed.set(fault, times);
  }

  /** Whether the fault is to happen now; uses it up. */
  take(fault: Fault): boolean {
    const left = this.#armed.get(fault) ?? 0;
    if (left > 0) this.#armed.set(fault, left - 1);
    return left > 0;
  }

  left(fault: Fault): number {
    return this.#armed.get(fault) ?? 0;
  }
}
