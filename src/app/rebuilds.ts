import type { Clock } from "#commands/ports.ts";
import { fillingOf, liveCollection, pointerOf } from "#projections/pointer.ts";
import type { ReadModels } from "#projections/ports.ts";
import { type Projection, versionOf } from "#projections/projection.ts";
import type { Projector } from "#projections/runner.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { Filling } from "./filling.ts";
import { type Progress, progressOf } from "./rebuild-progress.ts";
import { inRounds } from "./rounds.ts";

/** What somebody wants of a read model. */
export interface Wanted {
  readonly action: "rebuild" | "switch";
  /** Of the collection that is to be live: a worker of another release leaves it alone. */
  readonly version: number;
  /** The live collection when it was asked for: once another one is live, it is done. */
  readonly from: string;
  /** A collection was begun: whoever goes on keeps what is in it. */
  readonly begun: boolean;
  readonly progress: Progress | null;
}

/** What looking after them needs. */
export interface RebuildParts {
  readonly projections: readonly Projection[];
  readonly system: SystemStore;
  readonly models: ReadModels;
  readonly clock: Clock;
  /** The newest position of the log. */
  readonly head: () => string;
  readonly warn: (message: string) => void;
}

/** A projector, and what it projects. */
export interface Served {
  readonly projector: Pick<Projector, "rebuild" | "build" | "review">;
  readonly projections: readonly Projection[];
}

const kind = "projection-wanted";
const everyMs = 500;

interface Running {
  readonly since: number;
  ended: boolean;
}

/** Rebuilds and switches of read models: asked for in any process, done by the one that projects, taken up again after a crash. */
export class RebuildRequests {
  readonly #parts: RebuildParts;
  /** New versions that are filled without being asked for. */
  readonly filling: Filling;

  constructor(parts: RebuildParts) {
    this.#parts = parts;
    this.filling = new Filling(parts);
  }

  /** What is asked for and not done, by projection. */
  async wanted(): Promise<Map<string, Wanted>> {
    const entries = await this.#parts.system.list(kind, "", 1000);
    return new Map(entries.map(({ key, value }) => [key, value as Wanted]));
  }

  /** Asks; false when something is asked for already, or a new version is on its way. */
  async ask(name: string, action: Wanted["action"]): Promise<boolean> {
    const { system, models, projections } = this.#parts;
    const of = projections.find((one) => one.name === name);
    if (of === undefined) throw new RangeError(`there is no projection ${name}`);
    const pointer = await pointerOf(models, name);
    if ((await this.wanted()).has(name) || fillingOf(of, pointer) !== null) return false;
    const previous = action === "switch" ? pointer?.previous ?? null : null;
    const version = previous === null ? of.version : versionOf(previous);
    const wanted: Wanted = { action, version, from: await liveCollection(models, of), begun: false, progress: null };
    await system.putIfAbsent(kind, name, wanted);
    return true;
  }

  /** Takes back what only another release's worker could do and none has begun. Whether nothing is asked for then. */
  async withdraw({ name, version }: Projection): Promise<boolean> {
    const asked = (await this.wanted()).get(name);
    if (asked === undefined) return true;
    if (asked.begun || asked.version === version) return false;
    await this.#parts.system.remove(kind, name);
    return true;
  }

  /** Does what is asked for, by a projector that runs; the answer ends it. */
  serve(served: Served): () => Promise<void> {
    const { clock, warn } = this.#parts;
    const running = new Map<string, Running>();
    const look = async () => {
      await served.projector.review();
      await this.#look(served, running);
      await this.filling.tell(served.projector, served.projections.map(({ name }) => name).filter((name) => !running.has(name)));
    };
    const rounds = inRounds(clock, everyMs, () => look().catch((error: unknown) => warn(`rebuilding: ${String(error)}`)));
    return () => rounds.stop();
  }

  async #look({ projector, projections }: Served, running: Map<string, Running>): Promise<void> {
    const { system } = this.#parts;
    const versions = new Map(projections.map((of) => [of.name, of.version]));
    for (const [name, wanted] of await this.wanted()) {
      const own = running.get(name);
      if (versions.get(name) !== wanted.version) continue;
      if (own?.ended === true || (own === undefined && await this.#done(name, wanted))) {
        running.delete(name);
        await system.remove(kind, name);
      } else if (own === undefined) {
        await system.put(kind, name, { ...wanted, begun: true });
        running.set(name, this.#begin(projector, name, wanted));
      } else await this.#tell(projector, name, wanted, own);
    }
  }

  #begin(projector: Served["projector"], name: string, { action, begun }: Wanted): Running {
    const own: Running = { since: this.#parts.clock.now(), ended: false };
    const how = action === "switch" ? "previous" : begun ? "resumed" : "anew";
    projector.rebuild(name, how).catch((error: unknown) => this.#parts.warn(`rebuilding ${name}: ${String(error)}`)).finally(() => { own.ended = true; });
    return own;
  }

  async #done(name: string, { from }: Wanted): Promise<boolean> {
    const { models, projections } = this.#parts;
    const of = projections.find((one) => one.name === name);
    return of === undefined || await liveCollection(models, of) !== from;
  }

  async #tell(projector: Served["projector"], name: string, wanted: Wanted, { since }: Running): Promise<void> {
    const { system, clock, head } = this.#parts;
    const build = projector.build(name);
    if (build !== null) await system.put(kind, name, { ...wanted, progress: progressOf(build, head(), clock.now() - since) });
  }
}
