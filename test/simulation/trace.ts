const kept = 60;

/** What happened last, for whoever has to understand a failure. */
export class Trace {
  step = 0;
  /** Tells every line at once. */
  listener: (line: string) => void = () => undefined;
  readonly #lines: string[] = [];
  readonly #now: () => string;

  constructor(now: () => string) {
    this.#now = now;
  }

  note(words: string): void {
    const line = `${String(this.step).padStart(5)} ${this.#now().slice(0, 23)} ${words}`;
    this.#lines.push(line);
    if (this.#lines.length > kept) this.#lines.shift();
    this.listener(line);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}
