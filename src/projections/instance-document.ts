import type { Meter } from "#domain/billing/meter.ts";
import type { InstanceRequest } from "#domain/instance/events.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import type { InstanceStatus } from "#domain/instance/transitions.ts";
import type { PerformanceDays, Stretch } from "./performance.ts";

/** Tasks of an instance by how they stand. */
export interface TaskCounts {
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
  readonly timed_out: number;
  readonly cancelled: number;
  readonly lost: number;
}

/** Everything that a view of an instance is computed from. */
export interface InstanceDocument {
  readonly instance_id: string;
  readonly customer_id: string;
  readonly publisher_id: string;
  readonly agent_id: string;
  readonly status: InstanceStatus;
  readonly created_at: string;
  /** When the status last changed. */
  readonly changed_at: string;
  /** Something may be left to do: it is neither stopped nor rejected, still holds its agent's slot or has an open task. A failed one keeps its container. */
  readonly live: boolean;
  readonly slot: boolean;
  readonly request: InstanceRequest;
  readonly state: Omit<InstanceState, "request">;
  readonly meter: Meter;
  readonly tasks: TaskCounts;
  readonly days: PerformanceDays;
  readonly open: Stretch | null;
  /** The last good probe that an event tells of. */
  readonly last_heartbeat: string | null;
  readonly tokens: readonly string[];
}
