import type { SystemStore } from "./ports.ts";

/** What is known of an instance's running beyond its events: kept across restarts, so that an outage of ours is told from the agent's. */
export interface Proof {
  /** When AgentHub last looked, ms. */
  readonly seen_at: number;
  /** When a look last found the agent well, ms. */
  readonly good_at: number;
  /** The container's own start; null for an agent without container. */
  readonly container_started_at: string | null;
}

const kind = "proof";

/** The last proof of each instance, in memory and in the system store. */
export class Proofs {
  readonly #system: SystemStore;
  readonly #kept = new Map<string, Proof>();

  constructor(system: SystemStore) {
    this.#system = system;
  }

  /** Forgets what is in memory: another process may have looked in the meantime. */
  forget(): void {
    this.#kept.clear();
  }

  async get(instanceId: string, now: number): Promise<Proof | null> {
    const kept = this.#kept.get(instanceId);
    if (kept !== undefined) return kept;
    const stored = await this.#system.get(kind, instanceId, now) as Proof | null;
    if (stored !== null) this.#kept.set(instanceId, stored);
    return stored;
  }

  /** What is stored now: another process may be the one that looks. */
  async stored(instanceId: string, now: number): Promise<Proof | null> {
    return await this.#system.get(kind, instanceId, now) as Proof | null;
  }

  async put(instanceId: string, proof: Proof): Promise<void> {
    this.#kept.set(instanceId, proof);
    await this.#system.put(kind, instanceId, proof);
  }

  async remove(instanceId: string): Promise<void> {
    this.#kept.delete(instanceId);
    await this.#system.remove(kind, instanceId);
  }
}
