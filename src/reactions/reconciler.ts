import type { Tail } from "#commands/tail.ts";
import { capacity } from "#domain/capacity/capacity.ts";
import { isTransition } from "#domain/instance/transitions.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { capacityStream } from "#domain/kernel/ids.ts";
import { instanceState } from "./facts.ts";
import type { Log } from "./log.ts";
import { type Executors, OpenTasks } from "./open-tasks.ts";
import { sweep } from "./orphans.ts";
import type { ContainerRuntime, PullProgress } from "./ports.ts";
import { Reconcile, type ReconcileParts } from "./reconcile.ts";
import { WorkQueue } from "./work-queue.ts";

/** Where a full pass learns what there is; the decisions rest on folded streams alone. */
export interface PassSources {
  /** Instances that are neither stopped nor rejected, failed ones included. */
  instances(): AsyncIterable<string>;
  /** Agents with a slot held or a closed capacity; all that are registered will do. */
  agents(): AsyncIterable<string>;
}

/** What the reconciler needs. */
export interface ReconcilerParts extends Omit<ReconcileParts, "openTasks" | "lookAgain"> {
  readonly tail: Tail;
  readonly executors: Executors;
  readonly sources: PassSources;
  readonly finishDeregistration: (agentId: string) => Promise<boolean>;
  /** Told after every look; the monitor follows what runs. */
  readonly onLooked: (instanceId: string, state: InstanceState) => void;
  readonly log: Log;
}

/** What a full pass did. */
export interface PassReport {
  readonly instances: number;
  readonly orphans: number;
  readonly deregistered: number;
  /** What could not be passed over, and why. */
  readonly failures: readonly { readonly part: string; readonly reason: string }[];
}

const draining: ReadonlySet<string> = new Set(["PauseRequested", "TerminationRequested"]);

/** Keeps the world as the events want it: looks when something happens, at boot, and in full passes, since any look may be missed. */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #queue: WorkQueue;
  readonly #reconcile: Reconcile;
  readonly #openTasks: OpenTasks;
  /** Instances that wait for their tasks to end. */
  readonly #draining = new Set<string>();
  #stops: (() => void)[] = [];
  #stopped = false;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#openTasks = new OpenTasks(parts.executor, parts.clock, parts.executors);
    this.#reconcile = new Reconcile({ ...parts, openTasks: this.#openTasks, lookAgain: (id, ms) => this.#queue.addAfter(id, ms) });
    this.#queue = new WorkQueue({
      clock: parts.clock, run: (id) => this.#look(id),
      onError: (id, error) => parts.log.warn("an instance could not be reconciled; it is tried again", { instance: id, error: (error as Error).message }),
    });
  }

  /** Listens to the tail and the engines. The first full pass is the caller's to ask for. */
  start(): void {
    this.#parts.proofs.forget();
    this.#stops = [
      this.#parts.tail.on((event) => this.#observe(event)),
      ...[...this.#parts.engines.values()].map((engine) => engine.watch((id) => this.enqueue(id))),
    ];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
    this.#reconcile.stop();
    await this.#queue.stop();
  }

  /** Asks for a look at an instance. */
  enqueue(instanceId: string): void {
    this.#queue.add(instanceId);
  }

  /** Whether no look is under way or due now. */
  get idle(): boolean {
    return this.#queue.idle;
  }

  pullProgress(instanceId: string): PullProgress | null {
    return this.#reconcile.pullProgress(instanceId);
  }

  /** Looks at everything that the read model, the slots and the engines know of; a part that is away does not hold up the others. */
  async fullPass(): Promise<PassReport> {
    const failures: { part: string; reason: string }[] = [];
    const report = { instances: 0, orphans: 0, deregistered: 0, failures };
    const part = async (name: string, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        const reason = (error as Error).message;
        failures.push({ part: `the pass over ${name}`, reason });
        this.#parts.log.warn(`the pass over ${name} failed; the next one does it`, { error: reason });
      }
    };
    await part("instances", async () => {
      for await (const id of this.#parts.sources.instances()) {
        if (this.#stopped) return;
        report.instances += 1;
        this.enqueue(id);
      }
    });
    await part("agents", async () => { report.deregistered += await this.#passAgents(); });
    for (const engine of this.#parts.engines.values())
      await part(`the containers of ${engine.name}`, async () => { report.orphans += await this.#passContainers(engine); });
    return report;
  }

  async #passAgents(): Promise<number> {
    let finished = 0;
    for await (const agentId of this.#parts.sources.agents()) {
      if (this.#stopped) break;
      const { state } = await this.#parts.executor.state(capacity, capacityStream(agentId));
      for (const id of state.held) this.enqueue(id);
      if (state.closed && await this.#parts.finishDeregistration(agentId)) finished += 1;
    }
    return finished;
  }

  async #passContainers(engine: ContainerRuntime): Promise<number> {
    if (this.#stopped) return 0;
    const { instances, removed } = await sweep(engine, this.#parts.executor, this.#parts.clock);
    for (const id of instances) this.enqueue(id);
    return removed;
  }

  async #look(instanceId: string): Promise<number | undefined> {
    const wait = await this.#reconcile.run(instanceId);
    this.#parts.onLooked(instanceId, await instanceState(this.#parts.executor, instanceId));
    return wait;
  }

  // Every event of the log passes here: most are tasks, and an instance minds those only while it drains.
  #observe(event: StoredEvent): void {
    const { stream, type } = event;
    this.#openTasks.observe(event);
    if (stream.startsWith("usage-")) {
      const id = (event.data as { instance_id: string }).instance_id;
      if (this.#draining.size > 0 && this.#draining.has(id) && type !== "TaskAdmitted") this.enqueue(id);
    } else if (stream.startsWith("instance-")) {
      if (draining.has(type)) this.#draining.add(stream);
      else if (isTransition(type)) this.#draining.delete(stream);
      if (isTransition(type)) this.enqueue(stream);
    } else if (type === "CapacityClosed") this.#closed((event.data as { agent_id: string }).agent_id);
  }

  // The request that closed it goes on to deregister; only when that crashed is there something left to do.
  #closed(agentId: string): void {
    this.#stops.push(this.#parts.clock.after(60_000, () => {
      if (this.#stopped) return;
      this.#parts.finishDeregistration(agentId).catch((error: unknown) =>
        this.#parts.log.warn("a deregistration could not be finished; the next pass does it", { agent: agentId, error: (error as Error).message }));
    }));
  }
}
