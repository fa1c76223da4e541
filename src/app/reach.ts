import type { Clock } from "#commands/ports.ts";
import { sleep } from "#commands/sleep.ts";
import { least } from "#projections/positions.ts";
import type { Projection } from "#projections/projection.ts";
import type { Reader } from "#projections/reader.ts";
import type { Projector } from "#projections/runner.ts";

const pollMs = 50;

/** What it is judged by. */
export interface ReachParts {
  readonly projections: readonly Projection[];
  readonly reader: Reader;
  readonly storeId: string;
  readonly clock: Clock;
}

/** How far the collections are that this process reads: as its projectors know it, or else as the stores tell. */
export class Reach {
  readonly #parts: ReachParts;
  readonly #projectors = new Map<string, Projector>();

  constructor(parts: ReachParts) {
    this.#parts = parts;
  }

  /** The projector of this process that has a read model in its care. */
  projectorOf(name: string): Projector | undefined {
    return this.#projectors.get(name);
  }

  /** A projector began to look after read models; the answer ends that. */
  add(projector: Projector, projections: readonly Projection[]): () => void {
    for (const { name } of projections) this.#projectors.set(name, projector);
    return () => {
      for (const { name } of projections) if (this.#projectors.get(name) === projector) this.#projectors.delete(name);
    };
  }

  /** Up to where every read model is complete. Whatever is read afterwards is at least there. */
  async position(): Promise<string> {
    const { reader, projections } = this.#parts;
    for (;;) {
      const before = reader.changes;
      const position = this.#known() ?? least(await Promise.all(projections.map((of) => this.positionOf(of))));
      if (reader.changes !== before) continue;
      reader.promise(position);
      return position;
    }
  }

  /** Up to where one is complete. */
  async positionOf(of: Projection): Promise<string> {
    const { reader, storeId } = this.#parts;
    return this.#own(of.name) ?? await reader.position([of], storeId);
  }

  /** Whether every read model gets to a position in time. */
  async waitFor(position: string, ms: number): Promise<boolean> {
    if (position === "") return true;
    const { clock } = this.#parts;
    for (const end = clock.now() + ms; ;) {
      if (await this.position() >= position) return true;
      const left = end - clock.now();
      if (left <= 0) return false;
      if (this.#known() === undefined) await sleep(clock, Math.min(pollMs, left));
      else await Promise.all([...new Set(this.#projectors.values())].map((projector) => projector.waitUntil(position, left)));
    }
  }

  // Of a projector here, if readers use the collection that it advances.
  #own(name: string): string | undefined {
    const track = this.#projectors.get(name)?.track(name);
    return track !== undefined && track.collection === this.#parts.reader.using(name) ? track.position : undefined;
  }

  #known(): string | undefined {
    const positions: string[] = [];
    for (const { name } of this.#parts.projections) {
      const position = this.#own(name);
      if (position === undefined) return undefined;
      positions.push(position);
    }
    return least(positions);
  }
}
