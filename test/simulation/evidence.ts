import type { InstanceState } from "#domain/instance/instance.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import type { Simulation } from "./simulation.ts";

/** A settled run with its log, ready to be looked at. */
export interface Evidence {
  readonly simulation: Simulation;
  readonly events: readonly StoredEvent[];
  readonly streams: ReadonlyMap<string, readonly StoredEvent[]>;
  readonly instances: ReadonlyMap<string, InstanceState>;
}
