import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "#commands/ports.ts";
import type { Tail } from "#commands/tail.ts";
import { projections as shipped } from "#projections/index.ts";
import { pauseBy } from "#projections/pause.ts";
import { countParked, everyProjection, parkedCollection } from "#projections/parked.ts";
import { dropPrevious, pointers } from "#projections/pointer.ts";
import type { Projection } from "#projections/projection.ts";
import { Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import type { ApiReadModels, ProjectionStatus } from "#api/services.ts";
import { Beginning } from "./beginning.ts";
import type { Duty } from "./lease-keeper.ts";
import { Leftovers } from "./leftovers.ts";
import { projectingDuty } from "./projecting-duty.ts";
import { Reach } from "./reach.ts";
import { RebuildRequests } from "./rebuilds.ts";
import { standingsOf } from "./standings.ts";
import type { World } from "./world.ts";

const restMs = 250;
// More would keep the process from everything else for too long.
const batch = 1000;

/** Where many events come and nobody waits for them, batches are left to grow. */
const breatheBy = (clock: Clock) => {
  const pause = pauseBy(clock);
  return (hurry: AbortSignal): Promise<void> => (hurry.aborted ? turn() : pause(restMs, hurry));
};

interface Running {
  readonly projector: Projector;
  /** That it is run for. */
  duties: number;
  readonly stop: () => Promise<void>;
}

/** The read models: this process projects those that it holds a lease of, and reads all of them in any case. */
export class ReadSide implements ApiReadModels {
  readonly reader: Reader;
  readonly rebuilds: RebuildRequests;
  readonly #world: World;
  readonly #tail: Tail;
  readonly #alone: boolean;
  readonly #projections: readonly Projection[];
  readonly #reach: Reach;
  readonly #beginning: Beginning;
  #running: Running | undefined;
  #declared: Promise<void> | undefined;

  /** `alone` where no other process can be there. */
  constructor(world: World, tail: Tail, alone: boolean) {
    const { clock, stores: { system, readModels: models, events: { storeId } }, log, projections = shipped } = world;
    this.#world = world;
    this.#tail = tail;
    this.#alone = alone;
    this.#projections = projections;
    this.reader = new Reader(models);
    this.#reach = new Reach({ projections, reader: this.reader, storeId, clock });
    this.#beginning = new Beginning({ projections, models, reach: this.#reach, tail, alone });
    this.rebuilds = new RebuildRequests({ projections, system, models, clock, head: () => tail.head, warn: (message) => log.warn(message) });
  }

  /**
   * Projecting, as duties of one process at a time. A version that came later has a lease of its own, so that a worker of a new
   * release fills its collection while one of the old release goes on with what readers use; a lone process has one for all.
   */
  get duties(): readonly Duty[] {
    const duty = (name: string, projections: readonly Projection[]): Duty => ({ name, begin: (epoch) => this.#begin(projections, epoch) });
    if (this.#alone) return [duty(projectingDuty("", 1), this.#projections)];
    const first = this.#projections.filter(({ version }) => version === 1);
    const later = this.#projections.filter(({ version }) => version > 1);
    return [duty(projectingDuty("", 1), first), ...later.map((of) => duty(projectingDuty(of.name, of.version), [of]))];
  }

  waitFor(position: string, ms: number): Promise<boolean> {
    return this.#reach.waitFor(position, ms);
  }

  /** Up to where they must be for what is read to be whole. */
  readonly floor = async (): Promise<string> => await this.#beginning.position();

  /** Up to where every read model is complete. */
  position(): Promise<string> {
    return this.#reach.position();
  }

  /** Where each read model stands: as this process knows it, or as the stores tell of the one that projects. */
  async status(): Promise<readonly ProjectionStatus[]> {
    await this.#declare();
    return await standingsOf({ projections: this.#projections, models: this.#world.stores.readModels, reach: this.#reach, rebuilds: this.rebuilds });
  }

  health(): Promise<{ ok: boolean; detail?: string }> {
    return this.#world.stores.readModels.health();
  }

  readonly rebuild = async (name: string): Promise<boolean> => await this.rebuilds.ask(name, "rebuild");

  readonly switchBack = async (name: string): Promise<boolean> => await this.rebuilds.ask(name, "switch");

  readonly dropPrevious = async (name: string): Promise<string | null> => {
    const of = this.#projections.find((one) => one.name === name);
    return of === undefined || !(await this.rebuilds.withdraw(of)) ? null : await dropPrevious(this.#world.stores.readModels, of);
  };

  /** Events that were passed over, by projection; `*` stands for all of them. */
  readonly parked = async (limit: number): Promise<readonly object[]> => {
    await this.#declare();
    return await this.#world.stores.readModels.query(parkedCollection.name, { index: "all", limit });
  };

  /** Folds what was parked once more, by building the read models anew that it concerns; answers their names. */
  readonly replay = async (): Promise<readonly string[]> => {
    const { readModels } = this.#world.stores;
    await this.#declare();
    const counts = await Promise.all([everyProjection, ...this.#projections.map(({ name }) => name)].map(async (name) => [name, await countParked(readModels, name)] as const));
    const concerned = new Set(counts.filter(([, count]) => count > 0).map(([name]) => name));
    const names = this.#projections.map(({ name }) => name).filter((name) => concerned.has(name) || concerned.has(everyProjection));
    if (names.length === 0) return [];
    // What still cannot be folded is parked again on the way.
    await readModels.drop(parkedCollection.name);
    await readModels.ensure(parkedCollection);
    for (const name of names) await this.rebuild(name);
    return names;
  };

  /** Removes collections of versions that were given up while they were filled; answers their names. */
  async removeLeftovers(owner: string): Promise<readonly string[]> {
    const { clock, stores: { system, readModels: models, events: { storeId } } } = this.#world;
    await this.#declare();
    // A lone process projects all under one lease: once it does, it plans no other version any more.
    const settled = (name: string) => !this.#alone || this.#reach.projectorOf(name) !== undefined;
    return await new Leftovers({ projections: this.#projections, models, system, filling: this.rebuilds.filling, clock, storeId, owner, settled }).remove();
  }

  // A store serves only what was declared to it in this process.
  #declare(): Promise<void> {
    const { readModels } = this.#world.stores;
    this.#declared ??= readModels.ensure({ name: pointers, indexes: [] }).then(() => readModels.ensure(parkedCollection)).catch((error: unknown) => {
      this.#declared = undefined;
      throw error;
    });
    return this.#declared;
  }

  // All that this process projects is fed by one projector: events are read once.
  async #begin(projections: readonly Projection[], epoch: number): Promise<() => Promise<void>> {
    const running = this.#running ?? this.#run();
    this.#running = running;
    running.duties += 1;
    const { projector } = running;
    const leave = async () => {
      running.duties -= 1;
      if (running.duties > 0) return;
      if (this.#running === running) this.#running = undefined;
      await running.stop();
    };
    try {
      const release = await projector.adopt(projections, epoch);
      // It ended meanwhile if others had taken over all that it projected before: nothing would be fed to these.
      if (this.#running !== running) {
        await release();
        throw new Error("the projector ended while this began");
      }
      const forget = this.#reach.add(projector, projections);
      const endRebuilds = this.rebuilds.serve({ projector, projections });
      return async () => {
        await endRebuilds();
        forget();
        await release();
        await leave();
      };
    } catch (error) {
      await leave();
      throw error;
    }
  }

  #run(): Running {
    const { clock, stores, log } = this.#world;
    const stop = new AbortController();
    const projector = new Projector({ models: stores.readModels, feed: this.#tail, alone: this.#alone, batch, pause: pauseBy(clock), breathe: breatheBy(clock) });
    const running: Running = { projector, duties: 0, stop: async () => { stop.abort(); await ended; } };
    const ended = projector.run(stop.signal).catch((error: unknown) => {
      log.warn({ error: String(error) }, "projecting ended; another process may have taken over");
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }
}
