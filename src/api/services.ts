import type { Logger } from "pino";
import type { Executor } from "#commands/execute.ts";
import type { Clock, EventStore, Ids } from "#commands/ports.ts";
import type { Tail } from "#commands/tail.ts";
import type { Reader } from "#projections/reader.ts";
import type { AuditScope } from "#reactions/audit/scope.ts";
import type { MaintenanceCounters } from "#reactions/maintenance.ts";
import type { ContainerRuntime, MetricSample, Metrics, SystemStore } from "#reactions/ports.ts";
import type { UsageClaims } from "#reactions/usage-claims.ts";
import type { AgentService, InstanceService, TaskService } from "#reactions/services.ts";

/** Where a projection stands. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly position: string;
  /** `live`, `rebuilding`, or `stopped` when it cannot go on. */
  readonly status: string;
  /** Events that could not be folded. */
  readonly parked?: number | undefined;
  readonly detail?: string | undefined;
  /** The collection that readers use, and the one before it where it is kept. */
  readonly collection?: string | undefined;
  readonly previous?: string | null | undefined;
  /** Of a rebuild; null before it has begun. */
  readonly progress?: object | null | undefined;
}

/** The read side as the API uses it. */
export interface ApiReadModels {
  readonly reader: Reader;
  /** Waits until every read model has folded the position; false when that takes longer than `ms`. */
  waitFor(position: string, ms: number): Promise<boolean>;
  /** The position below which nothing that is read is whole; empty where everything is. */
  floor?: (() => Promise<string>) | undefined;
  status(): Promise<readonly ProjectionStatus[]>;
  health(): Promise<{ ok: boolean; detail?: string }>;
  /** Asks for a projection to be built anew beside the live one; false when something is asked of it already. */
  rebuild?: ((name: string) => Promise<unknown>) | undefined;
  /** Asks for what was live before to be live again; false likewise. */
  switchBack?: ((name: string) => Promise<boolean>) | undefined;
  /** Removes what was live before; null when there is nothing to remove now. */
  dropPrevious?: ((name: string) => Promise<string | null>) | undefined;
  /** Events that were passed over. */
  parked?: ((limit: number) => Promise<readonly object[]>) | undefined;
  /** Folds them once more; answers the projections that are built anew for it. */
  replay?: (() => Promise<readonly string[]>) | undefined;
}

/** API keys as text. */
export interface KeyCodec {
  hash(key: string): string;
  wellFormed(key: string): boolean;
  mint(): { readonly key: string; readonly hint: string };
}

/** What live connections watch: instances, and all running ones of accounts. */
export interface Watched {
  readonly instances: readonly string[];
  readonly accounts: readonly string[];
}

/** How the API behaves. */
export interface ApiSettings {
  /** This installation's id. */
  readonly installation: string;
  readonly version: string;
  readonly currency?: string | undefined;
  /** Requests per minute; 0 turns a limit off. */
  readonly rate_limits: { readonly per_key: number; readonly per_address: number; readonly bad_keys: number };
  /** Addresses and ranges of proxies that may tell whom they speak for; none when nothing is said. */
  readonly trusted_proxies?: readonly string[] | undefined;
  readonly monitor_interval_ms: number;
  /** How long a reader is made to wait for what was written; 2 s when nothing is said. */
  readonly read_patience_ms?: number | undefined;
  /** Origins besides the server's own that may open the live feed from a browser. */
  readonly allowed_origins: readonly string[];
  /** A folder of static files to serve at `/`. */
  readonly public_dir?: string | undefined;
}

/** Taking an installation elsewhere while it runs. */
export interface Moving {
  /** Its events and sealed secrets, line by line. */
  exportLines(): AsyncIterable<string>;
  /** Copies the embedded stores into a new folder beside the data; absent where a store is none of ours to copy. */
  readonly backup?: (() => Promise<object>) | undefined;
}

/** Everything that the API needs; the application constructs it. */
export interface ApiServices {
  readonly executor: Executor;
  readonly tail: Tail;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly readModels: ApiReadModels;
  readonly metrics: Metrics;
  readonly system: SystemStore;
  readonly agents: AgentService;
  readonly instances: InstanceService;
  readonly tasks: TaskService;
  readonly runtimes: ReadonlyMap<string, Pick<ContainerRuntime, "health">>;
  readonly eventStore: Pick<EventStore, "read" | "health">;
  readonly keys: KeyCodec;
  /** What maintenance has done in this process; absent in tests of the API alone. */
  readonly maintenance?: (() => Readonly<MaintenanceCounters>) | undefined;
  readonly audit: (scope: AuditScope) => Promise<object>;
  /** Tells samples: those that this process takes at once, another process's newest for what is watched; the answer ends it. */
  readonly onSample: (listener: (sample: MetricSample) => void, watched: () => Watched) => () => void;
  /** Absent where no other process takes usage reports in. */
  readonly usageClaims?: UsageClaims | undefined;
  /** Absent where an installation cannot be taken elsewhere, as in tests of the API alone. */
  readonly moving?: Moving | undefined;
  readonly log: Logger;
  readonly settings: ApiSettings;
}
