import type { PullProgress } from "#reactions/ports.ts";

/** A line of an engine's pull. */
export type PullLine = {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
};

type Layer = { done: number; total: number };

const whole = new Set(["Download complete", "Pull complete", "Already exists"]);

/** Adds up a pull's layers. */
export class PullMeter {
  readonly #image: string;
  readonly #layers = new Map<string, Layer>();
  #percent = 0;

  constructor(image: string) {
    this.#image = image;
  }

  /** Takes a line; answers the progress when it changed what is shown. */
  take(line: PullLine): PullProgress | undefined {
    if (line.id === undefined || line.status === undefined || line.status.startsWith("Pulling from")) return undefined;
    this.#note(line.id, line.status, line.progressDetail);
    const before = this.#percent;
    const { done, all } = this.#sums();
    // Never back, though a layer that makes itself known late makes the whole larger; never 100 before the end.
    this.#percent = Math.max(before, all === 0 ? 0 : Math.min(99, Math.floor((done * 100) / all)));
    return this.#percent > before || whole.has(line.status) ? this.#shown(done, all) : undefined;
  }

  /** The last word of a pull that succeeded. */
  end(): PullProgress {
    this.#percent = 100;
    const { all } = this.#sums();
    return this.#shown(all, all);
  }

  #note(id: string, status: string, { current = 0, total = 0 }: PullLine["progressDetail"] = {}): void {
    const layer = this.#layers.get(id) ?? { done: 0, total: 0 };
    this.#layers.set(id, layer);
    if (status === "Downloading") {
      layer.total = Math.max(layer.total, total, current);
      layer.done = Math.max(layer.done, current);
    } else if (whole.has(status)) {
      layer.done = layer.total;
    }
  }

  #sums(): { done: number; all: number } {
    let done = 0;
    let all = 0;
    for (const layer of this.#layers.values()) {
      done += layer.done;
      all += layer.total;
    }
    return { done, all };
  }

  #shown(done: number, all: number): PullProgress {
    return { image: this.#image, done_bytes: done, total_bytes: all, percent: this.#percent };
  }
}
