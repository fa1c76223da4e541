import type { Executor } from "#commands/execute.ts";
import type { Clock } from "#commands/ports.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { usageStream } from "#domain/kernel/ids.ts";
import { toMillis } from "#domain/kernel/time.ts";
import { type UsageEvent, usage } from "#domain/usage/usage.ts";
import { limits } from "./limits.ts";

/** Which process may still end a task. */
export interface Executors {
  /** This process, as its admissions name it. */
  readonly self: string;
  /** No other process of this installation runs: a task of another executor has none any more. */
  readonly alone: boolean;
}

/** Tasks of an instance that have not ended. */
export interface OpenTasksOf {
  /** How many of them their executor may still end. */
  readonly live: number;
  /** Those that nobody will end. */
  readonly lost: readonly string[];
  /** When the next of the others counts as lost, ms; null without one. */
  readonly nextLoss: number | null;
}

interface Open {
  readonly deadline: string;
  readonly executor: string;
}

interface Known {
  readonly open: Map<string, Open>;
  /** Set while the streams are being read: what ended meanwhile. */
  ended: Set<string> | null;
}

/** The open tasks of every instance that was looked at, moved on by the tail: a busy day's stream is read once, not at every look. */
export class OpenTasks {
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #executors: Executors;
  readonly #known = new Map<string, Known>();

  constructor(executor: Executor, clock: Clock, executors: Executors) {
    this.#executor = executor;
    this.#clock = clock;
    this.#executors = executors;
  }

  /** What the tail tells. */
  observe(event: StoredEvent): void {
    if (!event.stream.startsWith("usage-")) return;
    const fact = event as StoredEvent<UsageEvent>;
    const known = this.#known.get(fact.data.instance_id);
    if (known === undefined || fact.type === "UsageRecorded") return;
    const { task_id } = fact.data;
    if (fact.type === "TaskAdmitted") known.open.set(task_id, { deadline: fact.data.deadline, executor: fact.data.executor });
    else {
      known.open.delete(task_id);
      known.ended?.add(task_id);
    }
  }

  /** Of an instance that runs as the tail knows it; of another one, which admits nothing, as its streams hold it. */
  async of(instanceId: string, state: InstanceState): Promise<OpenTasksOf> {
    const known = state.status === "running" ? this.#known.get(instanceId) : undefined;
    if (known !== undefined && known.ended === null) return this.#sort(known.open);
    const fresh: Known = { open: new Map(), ended: new Set() };
    this.#known.set(instanceId, fresh);
    const read = new Map<string, Open>();
    // A task lasts an hour at most: the last two days that hold usage hold every open one. Days are opened out of turn by late reports.
    for (const day of state.usage_days.toSorted().slice(-2)) {
      const { state: uses } = await this.#executor.state(usage, usageStream(instanceId, day));
      for (const id of uses.open) {
        const entry = uses.tasks.get(id);
        if (entry !== undefined) read.set(id, entry);
      }
    }
    for (const [id, entry] of read) if (fresh.ended?.has(id) !== true) fresh.open.set(id, entry);
    fresh.ended = null;
    if (state.status === "stopped" || state.status === "rejected") this.#known.delete(instanceId);
    return this.#sort(read);
  }

  #sort(open: ReadonlyMap<string, Open>): OpenTasksOf {
    const { self, alone } = this.#executors;
    const now = this.#clock.now();
    const lost: string[] = [];
    let live = 0;
    let nextLoss: number | null = null;
    for (const [id, { deadline, executor }] of open) {
      const orphan = alone && executor !== self;
      const at = toMillis(deadline) + (orphan ? 0 : limits.lostMs);
      if (at <= now) lost.push(id);
      else {
        nextLoss = Math.min(nextLoss ?? at, at);
        if (!orphan) live += 1;
      }
    }
    return { live, lost, nextLoss };
  }
}
