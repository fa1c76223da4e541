import type { Clock } from "#commands/ports.ts";
import type { Projector } from "#projections/runner.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { type Progress, progressOf } from "./rebuild-progress.ts";

/** What telling of it needs. */
export interface FillingParts {
  readonly system: Pick<SystemStore, "put" | "get" | "remove">;
  readonly clock: Pick<Clock, "now">;
  /** The newest position of the log. */
  readonly head: () => string;
}

const kind = "projection-filling";

/** Tells every process how far the collections of new versions are, which readers do not use yet. */
export class Filling {
  readonly #parts: FillingParts;
  /** What this process fills, and since when, by projection. */
  readonly #told = new Map<string, { readonly collection: string; readonly since: number }>();

  constructor(parts: FillingParts) {
    this.#parts = parts;
  }

  /** How far a collection is, as whoever fills it told last. */
  async of(collection: string): Promise<Progress | null> {
    const { system, clock } = this.#parts;
    return await system.get(kind, collection, clock.now()) as Progress | null;
  }

  /** Tells no more of a collection. */
  async forget(collection: string): Promise<void> {
    await this.#parts.system.remove(kind, collection);
  }

  /** Tells of what a projector fills of some projections, and no more of what it has filled. */
  async tell(projector: Pick<Projector, "build">, names: readonly string[]): Promise<void> {
    const { system, clock, head } = this.#parts;
    for (const name of names) {
      const build = projector.build(name);
      const told = this.#told.get(name);
      if (build !== null) {
        const { since } = told ?? { since: clock.now() };
        this.#told.set(name, { collection: build.collection, since });
        await system.put(kind, build.collection, progressOf(build, head(), clock.now() - since));
      } else if (told !== undefined) {
        await this.forget(told.collection);
        this.#told.delete(name);
      }
    }
  }
}
