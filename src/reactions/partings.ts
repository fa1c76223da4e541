import type { Executor } from "#commands/execute.ts";
import type { Clock } from "#commands/ports.ts";
import { instance } from "#domain/instance/instance.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { withDeadline } from "./deadline.ts";
import { type Drivers, targetOf } from "./target.ts";

interface PartingParts {
  readonly executor: Executor;
  readonly clock: Clock;
  readonly drivers: Drivers;
}

/** Facts after which nobody talks to the agent, and the statuses that they lead to. */
const ends: ReadonlySet<string> = new Set(["InstancePaused", "InstanceExited", "InstanceFailed", "InstanceTerminated"]);
const silent: ReadonlySet<string> = new Set(["paused", "restarting", "failed", "stopped"]);
const partingMs = 2_000;

/** Closes the connections that this process opened for its tasks; whoever reconciles the instance closes its own. */
export class Partings {
  readonly #parts: PartingParts;

  constructor(parts: PartingParts) {
    this.#parts = parts;
  }

  /** What the tail tells. */
  observe({ type, stream }: StoredEvent): void {
    if (ends.has(type) && Object.values(this.#parts.drivers).some((driver) => driver.connected(stream))) void this.#part(stream).catch(() => undefined);
  }

  // It may run again by the time that the tail tells.
  async #part(instanceId: string): Promise<void> {
    const { executor, clock, drivers } = this.#parts;
    const { state: { request, status, address } } = await executor.state(instance, instanceId);
    if (request === null || !silent.has(status)) return;
    const driver = drivers[request.release.protocol];
    if (driver.connected(instanceId)) await withDeadline(clock, partingMs, () => driver.disconnect(targetOf(request, address ?? ""), status));
  }
}
