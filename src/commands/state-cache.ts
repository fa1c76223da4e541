import type { Kept } from "./stream-queue.ts";

/** Folded states by stream, least recently used first out; bounded by streams and by the command ids that they hold. */
export class StateCache {
  readonly #kept = new Map<string, Kept>();
  readonly #maxStreams: number;
  readonly #maxIds: number;

  constructor(maxStreams = 10_000, maxIds = 1_000_000) {
    this.#maxStreams = maxStreams;
    this.#maxIds = maxIds;
  }

  get(stream: string): Kept | undefined {
    const kept = this.#kept.get(stream);
    if (kept === undefined) return undefined;
    this.#kept.delete(stream);
    this.#kept.set(stream, kept);
    return kept;
  }

  put(stream: string, kept: Kept): void {
    this.#kept.delete(stream);
    this.#kept.set(stream, kept);
  }

  drop(stream: string): void {
    this.#kept.delete(stream);
  }

  clear(): void {
    this.#kept.clear();
  }

  /** Lets go of the oldest until the bounds hold; the newest always stays. */
  trim(): void {
    if (this.#kept.size <= this.#maxStreams && this.#kept.size % 256 !== 0) return;
    let ids = 0;
    for (const kept of this.#kept.values()) ids += kept.commands.size;
    for (const [stream, kept] of this.#kept) {
      if ((this.#kept.size <= this.#maxStreams && ids <= this.#maxIds) || this.#kept.size === 1) return;
      this.#kept.delete(stream);
      ids -= kept.commands.size;
    }
  }
}
