import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "#commands/ports.ts";
import type { Tail } from "#commands/tail.ts";
import { projections } from "#projections/index.ts";
import { pauseBy } from "#projections/pause.ts";
import { Reader } from "#projections/reader.ts";
import { Projector } from "#projections/runner.ts";
import type { ApiReadModels, ProjectionStatus } from "#api/services.ts";
import type { Duty } from "./lease-keeper.ts";
import type { World } from "./world.ts";

const pollMs = 50;
const restMs = 50;

/** While nobody waits, small batches are left to grow: each has its price, however few events are in it. */
const breatheBy = (clock: Clock) => {
  const pause = pauseBy(clock);
  return (hurry: AbortSignal): Promise<void> => (hurry.aborted ? turn() : pause(restMs, hurry));
};

/** The read models: this process projects them while it holds their lease, and reads them in any case. */
export class ReadSide implements ApiReadModels {
  readonly reader: Reader;
  readonly #world: World;
  readonly #tail: Tail;
  #projector: Projector | undefined;

  constructor(world: World, tail: Tail) {
    this.#world = world;
    this.#tail = tail;
    this.reader = new Reader(world.stores.readModels);
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
      await new Promise<void>((resolve) => { clock.after(pollMs, resolve); });
    }
  }

  /** Up to where every read model is complete. */
  position(): Promise<string> {
    return this.#projector === undefined
      ? this.reader.position(projections, this.#world.stores.events.storeId)
      : Promise.resolve(this.#projector.positionOf());
  }

  async status(): Promise<readonly ProjectionStatus[]> {
    const statuses = this.#projector?.status();
    if (statuses === undefined)
      return await Promise.all(projections.map(async (of) => ({
        name: of.name, version: of.version, status: "live", position: await this.reader.position([of], this.#world.stores.events.storeId),
      })));
    return statuses.map(({ name, version, position, parked, rebuilding, last_error }) => ({
      name, version, position, parked, status: rebuilding ? "rebuilding" : last_error === null ? "live" : "stopped",
      ...(last_error === null ? {} : { detail: last_error }),
    }));
  }

  health(): Promise<{ ok: boolean; detail?: string }> {
    return this.#world.stores.readModels.health();
  }

  readonly rebuild = async (name: string): Promise<void> => {
    if (this.#projector === undefined) throw new RangeError("another process projects; ask it");
    await this.#projector.rebuild(name);
  };

  async #begin(epoch: number): Promise<() => Promise<void>> {
    const { clock, stores, log } = this.#world;
    const stop = new AbortController();
    const projector = new Projector({ models: stores.readModels, feed: this.#tail, projections, epoch, pause: pauseBy(clock), breathe: breatheBy(clock) });
    await projector.open();
    this.#projector = projector;
    const running = projector.run(stop.signal).catch((error: unknown) => {
      log.warn({ error: String(error) }, "projecting ended; another process may have taken over");
      if (this.#projector === projector) this.#projector = undefined;
    });
    return async () => {
      stop.abort();
      await running;
      if (this.#projector === projector) this.#projector = undefined;
    };
  }
}
