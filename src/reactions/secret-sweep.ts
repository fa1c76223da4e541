import type { Executor } from "#commands/execute.ts";
import type { Clock } from "#commands/ports.ts";
import { agent } from "#domain/agent/agent.ts";
import { instance } from "#domain/instance/instance.ts";
import { isOver } from "#domain/instance/transitions.ts";
import { type SystemStore, secretKind } from "./ports.ts";

/** What sweeping needs. */
export interface SweepParts {
  readonly executor: Executor;
  readonly system: SystemStore;
  readonly clock: Clock;
}

/** When a secret was first seen to be of no use. */
const markKind = "secret-unused";
const [placeKind, placeKey] = ["secret-sweep", "place"] as const;
const pageSize = 100;
/** Far longer than anything takes from storing a secret to the event that refers to it. */
const safeAgeMs = 3_600_000;
const markKeptMs = 24 * safeAgeMs;

/**
 * Removes secrets that no event refers to: a crash between storing one and the event leaves it, as does one between the end of
 * an instance and the removal. A slice a round; what is of no use an hour after that was first seen goes.
 */
export class SecretSweep {
  readonly #parts: SweepParts;

  constructor(parts: SweepParts) {
    this.#parts = parts;
  }

  /** Looks at the next slice; answers how many were removed. */
  async round(): Promise<number> {
    const { system } = this.#parts;
    const after = await system.get(placeKind, placeKey, 0);
    const page = await system.list(secretKind, typeof after === "string" ? after : "", pageSize);
    let removed = 0;
    for (const { key, value } of page) if (!(await this.#isNeeded(key)) && await this.#isOld(key)) removed += await this.#remove(key, value);
    await system.put(placeKind, placeKey, page.length < pageSize ? "" : page.at(-1)?.key ?? "");
    return removed;
  }

  async #isNeeded(ref: string): Promise<boolean> {
    const { executor } = this.#parts;
    const [owner = "", name = ""] = ref.split("/");
    if (owner.startsWith("instance-")) {
      const { state: { status } } = await executor.state(instance, owner);
      return status !== "none" && !isOver(status);
    }
    if (!owner.startsWith("agent-")) return true;
    const { state: { versions } } = await executor.state(agent, owner);
    return Object.values(versions).includes(name);
  }

  async #isOld(ref: string): Promise<boolean> {
    const { system, clock } = this.#parts;
    const now = clock.now();
    const since = await system.get(markKind, ref, now);
    if (typeof since === "number") return now - since >= safeAgeMs;
    await system.put(markKind, ref, now, now + markKeptMs);
    return false;
  }

  // Whoever asks for the same instance again may need it from just now on; what it stores has the same content.
  async #remove(ref: string, sealed: unknown): Promise<0 | 1> {
    const { system } = this.#parts;
    await system.remove(secretKind, ref);
    if (await this.#isNeeded(ref)) {
      await system.put(secretKind, ref, sealed);
      return 0;
    }
    await system.remove(markKind, ref);
    return 1;
  }
}
