import { releaseSlot, reserveSlot } from "#commands/capacity/slots.ts";
import type { Executor } from "#commands/execute.ts";
import { recordFact } from "#commands/instance/record-fact.ts";
import type { Clock, Ids } from "#commands/ports.ts";
import { finishTask } from "#commands/usage/tasks.ts";
import type { InstanceEvent, InstanceRequest } from "#domain/instance/events.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { isRefusal } from "#domain/kernel/errors.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import { passed } from "./action.ts";
import { Connection, type Situation } from "./connection.ts";
import { agentSecrets, containerSpec } from "./container-spec.ts";
import { codeOf, type Engines, engineOf } from "./engines.ts";
import { holdsSlotOf, instanceState, proofFacts } from "./facts.ts";
import { ImagePulls } from "./image-pulls.ts";
import type { OpenTasks } from "./open-tasks.ts";
import { type Action, nextAction } from "./next-action.ts";
import type { ObservedContainer, PullProgress, Vault } from "./ports.ts";
import type { Proofs } from "./proofs.ts";
import { type Drivers, systemRequest } from "./target.ts";

export type { Engines } from "./engines.ts";

/** What bringing an instance towards its goal needs. */
export interface ReconcileParts {
  readonly executor: Executor;
  readonly engines: Engines;
  readonly drivers: Drivers;
  readonly vault: Vault;
  readonly proofs: Proofs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly openTasks: OpenTasks;
  /** How long a container may take until its first good probe. */
  readonly startMs: number;
  /** Asks that an instance be looked at again after `ms`. */
  readonly lookAgain: (instanceId: string, ms: number) => void;
}

const mostSteps = 50;
/** Facts after which nobody talks to the agent; it is told so before. */
const partings = new Set(["InstanceStartFailed", "InstancePaused", "InstanceExited", "InstanceFailed", "InstanceTerminated", "ResumeFailed"]);

/** Brings one instance towards what its events ask for, one step after another, looking again before each. */
export class Reconcile {
  readonly #parts: ReconcileParts;
  readonly #pulls: ImagePulls;
  readonly #connection: Connection;

  constructor(parts: ReconcileParts) {
    this.#parts = parts;
    this.#pulls = new ImagePulls(parts.clock, parts.lookAgain);
    this.#connection = new Connection(parts, (request, fact) => this.#record(request, fact));
  }

  pullProgress(instanceId: string): PullProgress | null {
    return this.#pulls.progress(instanceId);
  }

  stop(): void {
    this.#connection.stop();
  }

  /** Takes steps until there is nothing to do; a number asks to look again after so many milliseconds. */
  async run(instanceId: string): Promise<number | undefined> {
    for (let step = 0; step < mostSteps && !this.#connection.stopped; step += 1) {
      const state = await instanceState(this.#parts.executor, instanceId);
      if (state.request === null) return undefined;
      const tasks = await this.#endLost(state, state.request);
      const situation = { state, request: state.request, container: await this.#observe(state, state.request) };
      const action = await this.#decide(situation, tasks.live);
      if (action.do === "nothing") return tasks.nextLoss === null ? undefined : Math.max(0, tasks.nextLoss - this.#parts.clock.now());
      const wait = await this.#perform(situation, action);
      if (wait !== undefined) return wait;
    }
    return 1_000;
  }

  async #decide({ state, request, container }: Situation, openTaskCount: number): Promise<Action> {
    const { executor, clock, drivers, proofs, startMs } = this.#parts;
    const { instance_id, release, engine } = request;
    return nextAction(state, container, clock.now(), {
      slotHeld: await holdsSlotOf(executor, request), openTasks: openTaskCount, startMs, lastBad: this.#connection.lastBad(instance_id),
      connected: drivers[release.protocol].connected(instance_id),
      image: release.docker === undefined ? "ready" : this.#pulls.known(engine, release.docker.image_digest),
      ...proofFacts(await proofs.get(instance_id, clock.now())),
    });
  }

  // What holds no container any more is not asked for one: a slot comes back even while the engine is away.
  async #observe(state: InstanceState, request: InstanceRequest): Promise<ObservedContainer | null> {
    if (request.release.type !== "docker" || state.status === "stopped" || state.status === "rejected") return null;
    if (state.status === "failed" && await holdsSlotOf(this.#parts.executor, request)) return null;
    return engineOf(this.#parts.engines, request).inspect(request.instance_id);
  }

  async #endLost(state: InstanceState, request: InstanceRequest): Promise<{ live: number; nextLoss: number | null }> {
    const { executor, ids } = this.#parts;
    const tasks = await this.#parts.openTasks.of(request.instance_id, state);
    for (const task_id of tasks.lost)
      await executor.execute(finishTask, { ending: { type: "TaskLost", data: { task_id, instance_id: request.instance_id } } }, systemRequest(request, ids));
    return tasks;
  }

  async #perform(situation: Situation, action: Exclude<Action, { do: "nothing" }>): Promise<number | undefined> {
    const { request, container } = situation;
    switch (action.do) {
      case "wait": return action.ms;
      case "reserve-slot": return this.#reserve(request);
      case "release-slot": return this.#release(request);
      case "record":
        if (partings.has((action.also ?? action.fact).type)) await this.#connection.disconnect(situation);
        return this.#record(request, action.fact, action.also);
      case "pull": return this.#pull(request);
      case "start": return this.#start(situation, action.attempt);
      case "prove": return this.#connection.prove(situation, action.then, action.attempt);
      case "reconnect": return this.#connection.reconnect(situation);
      case "unfreeze": return container === null ? undefined : engineOf(this.#parts.engines, request).resume(container.container_id).then(() => undefined);
      case "freeze": return this.#freeze(situation);
      case "stop": case "remove": return this.#end(situation, action.do);
    }
  }

  async #reserve(request: InstanceRequest): Promise<undefined> {
    const { agent_id, instance_id, release } = request;
    try {
      await this.#parts.executor.execute(reserveSlot, { agent_id, instance_id, max_instances: release.max_instances }, systemRequest(request, this.#parts.ids));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.#record(request, { type: "InstanceRejected", data: { instance_id, reason: error.code, detail: error.message } });
    }
  }

  async #release(request: InstanceRequest): Promise<undefined> {
    await this.#parts.executor.execute(releaseSlot, { agent_id: request.agent_id, instance_id: request.instance_id }, systemRequest(request, this.#parts.ids));
  }

  async #record(request: InstanceRequest, fact: InstanceEvent, also?: InstanceEvent): Promise<undefined> {
    await this.#parts.executor.execute(recordFact, also === undefined ? { fact } : { fact, also }, systemRequest(request, this.#parts.ids));
    if (fact.type !== "InstanceTerminated" && fact.type !== "InstanceRejected") return;
    await this.#parts.proofs.remove(request.instance_id);
    if (request.secret_ref !== undefined) await this.#parts.vault.remove(request.secret_ref);
  }

  async #pull(request: InstanceRequest): Promise<undefined> {
    const { docker, secret_ref } = request.release;
    const { credentials } = await agentSecrets(this.#parts.vault, secret_ref);
    if (docker !== undefined) this.#pulls.pull(engineOf(this.#parts.engines, request), docker.image_digest, request.instance_id, credentials);
  }

  async #start({ state, request, container }: Situation, attempt: number): Promise<undefined> {
    const engine = engineOf(this.#parts.engines, request);
    const spec = await containerSpec(request, attempt, this.#parts);
    if (spec === null) return;
    try {
      await engine.start(spec);
    } catch (error) {
      if (codeOf(error) === "image-not-found") this.#pulls.forget(request.engine, spec.image);
      const hopeless = state.status === "starting" || passed(state.since, this.#parts.startMs, this.#parts.clock.now());
      if (codeOf(error) === "container-failed" && hopeless) return this.#refused(request, attempt, error as Error);
      throw error;
    }
    if (container !== null && container.attempt < attempt) await engine.remove(container.container_id);
  }

  // What the engine refuses to start at first it will refuse again; what ran before gets its time. The state says which ending has a place.
  async #refused(request: InstanceRequest, attempt: number, error: Error): Promise<undefined> {
    const { instance_id } = request;
    const why = { reason: "container-failed", detail: error.message.slice(0, 500) };
    await this.#record(request, { type: "InstanceStartFailed", data: { instance_id, attempt, ...why } });
    await this.#record(request, { type: "InstanceFailed", data: { instance_id, ran_until: fromMillis(this.#parts.clock.now()), ...why } });
  }

  async #freeze(situation: Situation): Promise<undefined> {
    const { request, container } = situation;
    await this.#connection.disconnect(situation);
    if (container === null) return;
    try {
      await engineOf(this.#parts.engines, request).pause(container.container_id);
    } catch (error) {
      if (codeOf(error) === "runtime-unavailable") throw error;
      await this.#record(request, { type: "PauseFailed", data: { instance_id: request.instance_id, reason: "pause-failed", detail: (error as Error).message.slice(0, 500) } });
      throw error;
    }
  }

  async #end(situation: Situation, verb: "stop" | "remove"): Promise<undefined> {
    const { state, request, container } = situation;
    if (container === null) return;
    await this.#connection.disconnect(situation);
    const engine = engineOf(this.#parts.engines, request);
    try {
      await (verb === "stop" ? engine.stop(container.container_id, request.release.docker?.stop_grace ?? 10) : engine.remove(container.container_id));
    } catch (error) {
      if (state.status === "stopping" && codeOf(error) === "container-failed")
        await this.#record(request, { type: "TerminationFailed", data: { instance_id: request.instance_id, reason: `${verb}-failed`, detail: (error as Error).message.slice(0, 500) } });
      throw error;
    }
  }
}
