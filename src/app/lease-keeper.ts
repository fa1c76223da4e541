import type { Clock } from "#commands/ports.ts";
import type { SystemStore } from "#reactions/ports.ts";
import { inRounds } from "./rounds.ts";

/** A duty that one process at a time may do. */
export interface Duty {
  /** The lease's name. */
  readonly name: string;
  /** Begins the work; the answer ends it and settles when nothing of it runs any more. */
  begin(epoch: number): Promise<() => Promise<void>>;
}

/** What a keeper of leases needs. */
export interface LeaseParts {
  readonly system: SystemStore;
  readonly clock: Clock;
  /** This process; unique, or fixed where no other process can exist. */
  readonly owner: string;
  readonly ttlMs: number;
  readonly warn: (message: string) => void;
}

/** Work that was begun under a lease. */
interface Work {
  readonly epoch: number;
  /** Settles with what ends it; null when it could not begin. */
  readonly begun: Promise<(() => Promise<void>) | null>;
}

/** Does duties under leases: takes a lease, renews it at a third of its time, stops the work before another may begin it. */
export class LeaseKeeper {
  readonly #parts: LeaseParts;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Keeps trying for a duty until the keeper stops. Settles after the first attempt. */
  async keep(duty: Duty): Promise<void> {
    const { clock, ttlMs, warn } = this.#parts;
    const failed = (error: unknown): void => warn(`${duty.name}: ${String(error)}`);
    let work: Work | undefined;
    let [heldAt, useless] = [0, false];
    const release = async () => {
      const ending = work;
      work = undefined;
      await (await ending?.begun)?.();
    };
    const begin = (epoch: number) => {
      const begun = duty.begin(epoch).catch((error: unknown) => {
        failed(error);
        if (work === beginning) [work, useless] = [undefined, true];
        return null;
      });
      const beginning: Work = { epoch, begun };
      return beginning;
    };
    const attempt = async (stopped: AbortSignal) => {
      // Another process may be able to begin; and the next epoch is higher, should the stores have seen higher ones before they were restored.
      if (useless) await this.#parts.system.releaseLease(duty.name, this.#parts.owner);
      useless = false;
      const now = clock.now();
      const lease = await this.#acquire(duty.name, now);
      if (stopped.aborted) return;
      const lost = lease === "lost" || (lease === "unknown" && now - heldAt > (ttlMs * 2) / 3);
      // A higher epoch: others had the lease while this process stood still, and what it began is fenced.
      if (lost || (typeof lease === "object" && work !== undefined && work.epoch !== lease.epoch)) await release();
      if (typeof lease !== "object") return;
      heldAt = now;
      work ??= begin(lease.epoch);
    };
    const rounds = inRounds(clock, ttlMs / 3, (stopped) => attempt(stopped).catch(failed));
    this.#stops.push(async () => {
      await rounds.stop();
      await release();
      await this.#parts.system.releaseLease(duty.name, this.#parts.owner).catch(() => undefined);
    });
    await rounds.first;
    // Not within the round: the lease is renewed while a beginning takes long, or another would take it meanwhile, and so on for ever.
    await work?.begun;
  }

  /** Ends every duty, then gives the leases back, so that another process need not wait them out. */
  async stop(): Promise<void> {
    await Promise.all(this.#stops.splice(0).map((stop) => stop()));
  }

  async #acquire(name: string, now: number): Promise<{ epoch: number } | "lost" | "unknown"> {
    const { system, owner, ttlMs } = this.#parts;
    try {
      return (await system.acquireLease(name, owner, ttlMs, now)) ?? "lost";
    } catch {
      return "unknown";
    }
  }
}
