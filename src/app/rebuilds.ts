import type { Clock } from "#commands/ports.ts";
import { liveCollection } from "#projections/reader.ts";
import { projections } from "#projections/index.ts";
import type { ReadModels } from "#projections/ports.ts";
import type { Projector } from "#projections/runner.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { type Progress, progressOf } from "./rebuild-progress.ts";
import { inRounds } from "./rounds.ts";

/** What somebody wants of a read model. */
export interface Wanted {
  readonly action: "rebuild" | "switch";
  /** The live collection when it was asked for: once another one is live, it is done. */
  readonly from: string;
  /** A collection was begun: whoever goes on keeps what is in it. */
  readonly begun: boolean;
  readonly progress: Progress | null;
}

/** What looking after them needs. */
export interface RebuildParts {
  readonly system: SystemStore;
  readonly models: ReadModels;
  readonly clock: Clock;
  /** The newest position of the log. */
  readonly head: () => string;
  readonly warn: (message: string) => void;
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

  constructor(parts: RebuildParts) {
    this.#parts = parts;
  }

  /** What is asked for and not done, by projection. */
  async wanted(): Promise<Map<string, Wanted>> {
    const entries = await this.#parts.system.list(kind, "", projections.length + 1);
    return new Map(entries.map(({ key, value }) => [key, value as Wanted]));
  }

  /** Asks; false when something is asked for already. */
  async ask(name: string, action: Wanted["action"]): Promise<boolean> {
    const { system, models } = this.#parts;
    const of = projections.find((one) => one.name === name);
    if (of === undefined) throw new RangeError(`there is no projection ${name}`);
    if ((await this.wanted()).has(name)) return false;
    const wanted: Wanted = { action, from: await liveCollection(models, of), begun: false, progress: null };
    await system.putIfAbsent(kind, name, wanted);
    return true;
  }

  /** Does what is asked for, by a projector that runs; the answer ends it. */
  serve(projector: Projector): () => Promise<void> {
    const { clock, warn } = this.#parts;
    const running = new Map<string, Running>();
    const rounds = inRounds(clock, everyMs, () => this.#look(projector, running).catch((error: unknown) => warn(`rebuilding: ${String(error)}`)));
    return () => rounds.stop();
  }

  async #look(projector: Projector, running: Map<string, Running>): Promise<void> {
    const { system } = this.#parts;
    for (const [name, wanted] of await this.wanted()) {
      const own = running.get(name);
      if (own?.ended === true || (own === undefined && await this.#done(name, wanted))) {
        running.delete(name);
        await system.remove(kind, name);
      } else if (own === undefined) {
        await system.put(kind, name, { ...wanted, begun: true });
        running.set(name, this.#begin(projector, name, wanted));
      } else await this.#tell(projector, name, wanted, own);
    }
  }

  #begin(projector: Projector, name: string, { action, begun }: Wanted): Running {
    const own: Running = { since: this.#parts.clock.now(), ended: false };
    const how = action === "switch" ? "previous" : begun ? "resumed" : "anew";
    projector.rebuild(name, how).catch((error: unknown) => this.#parts.warn(`rebuilding ${name}: ${String(error)}`)).finally(() => { own.ended = true; });
    return own;
  }

  async #done(name: string, { from }: Wanted): Promise<boolean> {
    const of = projections.find((one) => one.name === name);
    return of === undefined || await liveCollection(this.#parts.models, of) !== from;
  }

  async #tell(projector: Projector, name: string, wanted: Wanted, { since }: Running): Promise<void> {
    const { system, clock, head } = this.#parts;
    const build = projector.status().find((status) => status.name === name)?.build ?? null;
    if (build !== null) await system.put(kind, name, { ...wanted, progress: progressOf(build, head(), clock.now() - since) });
  }
}
