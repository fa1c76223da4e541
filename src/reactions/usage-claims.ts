import type { Ids } from "#commands/ports.ts";
import { dayStart, shiftDay } from "#domain/kernel/time.ts";
import { usageDaysBack } from "#domain/usage/usage.ts";
import type { SystemStore } from "./ports.ts";

const kind = "usage-claim";

/**
 * Which day a report's identity belongs to. Processes that take it in at once with times on two days write to two streams, and
 * neither stream would refuse it: the claim is one entry, which one of them makes and both go by.
 */
export class UsageClaims {
  readonly #system: Pick<SystemStore, "putIfAbsent">;
  readonly #ids: Ids;

  constructor(system: Pick<SystemStore, "putIfAbsent">, ids: Ids) {
    this.#system = system;
    this.#ids = ids;
  }

  /** Claims an identity for a day; answers the day that has it. Kept for as long as a report may name that day. */
  async claim(instanceId: string, identity: string, day: string): Promise<string> {
    const key = this.#ids.named(JSON.stringify([kind, instanceId, identity]));
    return String(await this.#system.putIfAbsent(kind, key, day, dayStart(shiftDay(day, usageDaysBack + 2))));
  }
}
