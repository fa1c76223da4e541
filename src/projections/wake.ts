/** A wait that ends early when somebody has news, also when that came before the wait began. */
export class Wake {
  #call = new AbortController();
  #called = false;

  /** There is news. */
  call(): void {
    this.#called = true;
    this.#call.abort();
  }

  /** Waits by `rest`, unless there is news already. */
  async wait(signal: AbortSignal, rest: (until: AbortSignal) => Promise<void>): Promise<void> {
    this.#call = new AbortController();
    if (!this.#called) await rest(AbortSignal.any([signal, this.#call.signal]));
    this.#called = false;
  }
}
