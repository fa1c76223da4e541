// Who is refused notices later than the engine went, and an engine's clock is not quite ours.
const slackMs = 2_000;
const kept = 20;

/** When an engine was away, as those find who ask it: what ended meanwhile ended with it. */
export class Outages {
  readonly #past: { readonly from: number; readonly to: number }[] = [];
  #since: number | null = null;

  /** The engine did not answer. An engine that stops refuses at once, though it still tells events while its containers end. */
  refused(now: number): void {
    this.#since ??= now;
  }

  /** The engine answered. */
  answered(now: number): void {
    if (this.#since === null) return;
    this.#past.push({ from: this.#since, to: now });
    if (this.#past.length > kept) this.#past.shift();
    this.#since = null;
  }

  /** Whether the engine was away at an instant. */
  covers(at: string | null): boolean {
    if (at === null) return false;
    const millis = Date.parse(at);
    if (this.#since !== null && millis >= this.#since - slackMs) return true;
    return this.#past.some(({ from, to }) => millis >= from - slackMs && millis <= to + slackMs);
  }
}
