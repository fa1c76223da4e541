import type { Clock } from "#commands/ports.ts";
import { type Leftover, leftovers } from "#projections/leftovers.ts";
import type { ReadModels } from "#projections/ports.ts";
import type { Projection } from "#projections/projection.ts";
import type { SystemStore } from "#reactions/ports.ts";
import type { Filling } from "./filling.ts";
import { projectingDuty } from "./projecting-duty.ts";

/** What removing them needs. */
export interface LeftoverParts {
  readonly projections: readonly Projection[];
  readonly models: Pick<ReadModels, "collections" | "getMany" | "saveCheckpoint" | "drop">;
  readonly system: Pick<SystemStore, "acquireLease" | "releaseLease">;
  readonly filling: Pick<Filling, "forget">;
  readonly clock: Pick<Clock, "now">;
  readonly storeId: string;
  /** Of the leases; nobody else's, not even this process's own duties'. */
  readonly owner: string;
  /** Whether nobody can be about to fill a collection of a read model under another lease. */
  readonly settled: (name: string) => boolean;
}

// Far longer than a collection takes to drop.
const heldMs = 60_000;

/** Removes collections of versions that were given up while they were being filled. */
export class Leftovers {
  readonly #parts: LeftoverParts;

  constructor(parts: LeftoverParts) {
    this.#parts = parts;
  }

  /** Removes what can be; answers the names of the collections. */
  async remove(): Promise<readonly string[]> {
    const { models, projections, settled } = this.#parts;
    const removed: string[] = [];
    for (const each of await leftovers(models, projections.filter(({ name }) => settled(name)))) if (await this.#remove(each)) removed.push(each.collection);
    return removed;
  }

  // Whoever fills it, or is about to, has the lease of its version; whoever had it and stood still is fenced by the checkpoint.
  async #remove({ name, version, collection }: Leftover): Promise<boolean> {
    const { models, system, filling, projections, clock, storeId, owner } = this.#parts;
    const duty = projectingDuty(name, version);
    const lease = await system.acquireLease(duty, owner, heldMs, clock.now());
    if (lease === null) return false;
    try {
      const still = await leftovers(models, projections.filter((of) => of.name === name));
      if (!still.some((each) => each.collection === collection)) return false;
      if (!(await models.saveCheckpoint({ name: collection, position: "", store_id: storeId, epoch: lease.epoch }))) return false;
      await models.drop(collection);
      await filling.forget(collection);
      return true;
    } finally {
      await system.releaseLease(duty, owner);
    }
  }
}
