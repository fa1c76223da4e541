import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "#commands/ports.ts";
import { sleep } from "#commands/sleep.ts";
import type { Tail } from "#commands/tail.ts";
import { projections } from "#projections/index.ts";
import { pauseBy } from "#projections/pause.ts";
import { countParked, everyProjection, parkedCollection } from "#projections/parked.ts";
import { dropPrevious, previousCollection } from "#projections/pointer.ts";
import { liveCollection, pointers, Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import type { ApiReadModels, ProjectionStatus } from "#api/services.ts";
import type { Duty } from "./lease-keeper.ts";
import { RebuildRequests } from "./rebuilds.ts";
import type { World } from "./world.ts";

const pollMs = 50;
const restMs = 250;
// More would keep the process from everything else for too long.
const batch = 500;

/** Where many events come and nobody waits for them, batches are left to grow. */
const breatheBy = (clock: Clock) => {
  const pause = pauseBy(clock);
  return (hurry: AbortSignal): Promise<void> => (hurry.aborted ? turn() : pause(restMs, hurry));
};

/** The read models: this process projects them while it holds their lease, and reads them in any case. */
export class ReadSide implements ApiReadModels {
  readonly reader: Reader;
  readonly rebuilds: RebuildRequests;
  readonly #world: World;
  readonly #tail: Tail;
  #projector: Projector | undefined;
  #declared: Promise<void> | undefined;

  constructor(world: World, tail: Tail) {
    this.#world = world;
    this.#tail = tail;
    this.reader = new Reader(world.stores.readModels);
    const { clock, stores: { system, readModels: models }, log } = world;
    this.rebuilds = new RebuildRequests({ system, models, clock, head: () => tail.head, warn: (message) => log.warn(message) });
  }

  /** Projecting, as a duty of one process at a time. */
  get duty(): Duty {
    return { name: "projections", begin: (epoch) => this.#begin(epoch) };
  }

  async waitFor(position: string, ms: number): Promise<boolean> {
    if (position === "") return true;
    if (this.#projector !== undefined) return await this.#projector.waitUntil(position, ms);
    const { clock } = this.#world;
    for (const end = clock.now() + ms; ;) {
      if (await this.position() >= position) return true;
      if (clock.now() >= end) return false;
      await sleep(clock, pollMs);
    }
  }

  /** Up to where every read model is complete. */
  position(): Promise<string> {
    return this.#projector === undefined
      ? this.reader.position(projections, this.#world.stores.events.storeId)
      : Promise.resolve(this.#projector.positionOf());
  }

  /** Where each read model stands: as this process knows it, or as the stores tell of the one that projects. */
  async status(): Promise<readonly ProjectionStatus[]> {
    const { stores: { readModels, events } } = this.#world;
    await this.#declare();
    const wanted = await this.rebuilds.wanted();
    const own = new Map(this.#projector?.status().map((status) => [status.name, status]));
    return await Promise.all(projections.map(async (of): Promise<ProjectionStatus> => {
      const { name, version } = of;
      const asked = wanted.get(name);
      const stands = own.get(name) ?? {
        collection: await liveCollection(readModels, of), position: await this.reader.position([of], events.storeId),
        parked: await countParked(readModels, name) + await countParked(readModels, everyProjection), rebuilding: false, last_error: null,
      };
      const { collection, position, parked, last_error } = stands;
      return {
        name, version, collection, previous: await previousCollection(readModels, of), position, parked,
        status: asked !== undefined || stands.rebuilding ? "rebuilding" : last_error === null ? "live" : "stopped",
        ...(asked === undefined ? {} : { progress: asked.progress }), ...(last_error === null ? {} : { detail: last_error }),
      };
    }));
  }

  health(): Promise<{ ok: boolean; detail?: string }> {
    return this.#world.stores.readModels.health();
  }

  readonly rebuild = async (name: string): Promise<boolean> => await this.rebuilds.ask(name, "rebuild");

  readonly switchBack = async (name: string): Promise<boolean> => await this.rebuilds.ask(name, "switch");

  readonly dropPrevious = async (name: string): Promise<string | null> => {
    const of = projections.find((one) => one.name === name);
    return of === undefined || (await this.rebuilds.wanted()).has(name) ? null : await dropPrevious(this.#world.stores.readModels, of);
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
    const counts = await Promise.all([everyProjection, ...projections.map(({ name }) => name)].map(async (name) => [name, await countParked(readModels, name)] as const));
    const concerned = new Set(counts.filter(([, count]) => count > 0).map(([name]) => name));
    const names = projections.map(({ name }) => name).filter((name) => concerned.has(name) || concerned.has(everyProjection));
    if (names.length === 0) return [];
    // What still cannot be folded is parked again on the way.
    await readModels.drop(parkedCollection.name);
    await readModels.ensure(parkedCollection);
    for (const name of names) await this.rebuild(name);
    return names;
  };

  // A store serves only what was declared to it in this process.
  #declare(): Promise<void> {
    const { readModels } = this.#world.stores;
    this.#declared ??= readModels.ensure({ name: pointers, indexes: [] }).then(() => readModels.ensure(parkedCollection)).catch((error: unknown) => {
      this.#declared = undefined;
      throw error;
    });
    return this.#declared;
  }

  async #begin(epoch: number): Promise<() => Promise<void>> {
    const { clock, stores, log } = this.#world;
    const stop = new AbortController();
    const projector = new Projector({ models: stores.readModels, feed: this.#tail, projections, epoch, batch, pause: pauseBy(clock), breathe: breatheBy(clock) });
    await projector.open();
    this.#projector = projector;
    const running = projector.run(stop.signal).catch((error: unknown) => {
      log.warn({ error: String(error) }, "projecting ended; another process may have taken over");
      if (this.#projector === projector) this.#projector = undefined;
    });
    const endRebuilds = this.rebuilds.serve(projector);
    return async () => {
      await endRebuilds();
      stop.abort();
      await running;
      if (this.#projector === projector) this.#projector = undefined;
    };
  }
}
