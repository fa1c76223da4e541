import type { CommandRequest, Executor } from "#commands/execute.ts";
import { createInstance } from "#commands/instance/create-instance.ts";
import { recordFact } from "#commands/instance/record-fact.ts";
import { pauseInstance, resumeInstance, terminateInstance } from "#commands/instance/intents.ts";
import { enrollInstance } from "#commands/ledger/enroll-instance.ts";
import type { Ids } from "#commands/ports.ts";
import { assertSameRequest } from "#commands/stream-queue.ts";
import type { Tail } from "#commands/tail.ts";
import { agent, type AgentState } from "#domain/agent/agent.ts";
import { capacity } from "#domain/capacity/capacity.ts";
import type { InstanceEvent, InstanceRequest } from "#domain/instance/events.ts";
import { instance, type InstanceState } from "#domain/instance/instance.ts";
import { isTransition, transitions } from "#domain/instance/transitions.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { capacityStream } from "#domain/kernel/ids.ts";
import type { InstanceQuota } from "./instance-quota.ts";
import { environmentOf, offerOf, resourcesOf } from "./instance-wish.ts";
import type { LogLine, PullProgress, Vault } from "./ports.ts";
import type { Engines } from "./engines.ts";
import type { InstanceService, InstanceWish, Written } from "./services.ts";
import { systemRequest } from "./target.ts";
import { writtenOf } from "./written.ts";

/** What instances need. */
export interface InstanceParts {
  readonly executor: Executor;
  readonly tail: Tail;
  readonly engines: Engines;
  readonly vault: Vault;
  readonly ids: Ids;
  readonly pullProgress: (instanceId: string) => PullProgress | null;
  /** Without one an account may have any number of instances. */
  readonly quota?: InstanceQuota | undefined;
  /** The time up to now that nothing proves the agent to have run in. */
  readonly unproven?: (instanceId: string, state: InstanceState) => Promise<InstanceEvent | null>;
}

type LogOptions = Parameters<InstanceService["logs"]>[1];
const passing: ReadonlySet<string> = new Set(["starting", "pausing", "resuming", "restarting", "stopping"]);

/** Takes what customers want of instances; reconciliation brings it about. */
export class Instances implements InstanceService {
  readonly #parts: InstanceParts;

  constructor(parts: InstanceParts) {
    this.#parts = parts;
  }

  async create(wish: InstanceWish, request: CommandRequest): Promise<Written<InstanceState>> {
    const { executor, ids } = this.#parts;
    const instance_id = `instance-${request.request_hash === undefined ? ids.next() : ids.named(request.command_id)}`;
    const own = { ...request, account: wish.customer.account_id, agent: wish.agent_id, instance: instance_id };
    if (request.request_hash !== undefined) {
      const kept = await executor.state(instance, instance_id);
      if (assertSameRequest(kept.commands, own)) return { state: kept.state, position: kept.position, changed: false };
    }
    return this.#create(wish, instance_id, own);
  }

  async #create(wish: InstanceWish, instance_id: string, own: CommandRequest): Promise<Written<InstanceState>> {
    const { executor, vault, quota } = this.#parts;
    const { state: agentState } = await executor.state(agent, wish.agent_id);
    const { release, price } = offerOf(agentState, wish.customer.currency);
    const resources = resourcesOf(release, wish.instance_config, wish.may_raise);
    const environment = environmentOf(release, wish.instance_config);
    await this.#assertRoom(wish.agent_id, release.max_instances);
    const engine = await this.#engineFor(agentState);
    const names = Object.keys(environment);
    const secret_ref = names.length === 0 ? undefined : `${instance_id}/env`;
    const { memory_limit, cpu_limit, labels } = wish.instance_config;
    const input: InstanceRequest = {
      instance_id, agent_id: wish.agent_id, agent_name: agentState.name, publisher_id: agentState.publisher_id, customer_id: wish.customer.account_id,
      release, price, resources, engine, config: { memory_limit, cpu_limit, env_names: names.toSorted(), labels: { ...labels } },
      ...(secret_ref === undefined ? {} : { secret_ref }),
    };
    const enrolment = { account_id: wish.customer.account_id, instance_id, agent_id: wish.agent_id };
    await (quota === undefined ? executor.execute(enrollInstance, enrolment, own) : quota.enrol(enrolment, own));
    // After all that may refuse the instance, before the event that refers to it.
    if (secret_ref !== undefined) await vault.put(secret_ref, environment);
    return writtenOf(await executor.execute(createInstance, input, own));
  }

  async pause(instanceId: string, request: CommandRequest): Promise<Written<InstanceState>> {
    await this.#tellUnproven(instanceId);
    return this.#intend(pauseInstance, instanceId, "requested", request);
  }

  resume(instanceId: string, request: CommandRequest): Promise<Written<InstanceState>> {
    return this.#intend(resumeInstance, instanceId, "requested", request);
  }

  async terminate(instanceId: string, reason: string, request: CommandRequest): Promise<Written<InstanceState>> {
    await this.#tellUnproven(instanceId);
    return this.#intend(terminateInstance, instanceId, reason, request);
  }

  async state(instanceId: string): Promise<Written<InstanceState>> {
    const { state, position } = await this.#parts.executor.state(instance, instanceId);
    if (state.request === null) throw new Refusal("instance-not-found", "There is no such instance.");
    return { state, position, changed: false };
  }

  async settled(instanceId: string, ms: number): Promise<Written<InstanceState>> {
    const { tail } = this.#parts;
    const over = tail.waitFor(() => false, ms);
    try {
      for (let late = false; ;) {
        const moved = tail.waitFor(({ stream, type }) => stream === instanceId && isTransition(type) && !passing.has(transitions[type].to), ms);
        try {
          const present = await this.state(instanceId);
          if (late || !passing.has(present.state.status)) return present;
          late = await Promise.race([moved.event, over.event]) === null;
        } finally {
          moved.cancel();
        }
      }
    } finally {
      over.cancel();
    }
  }

  async *logs(instanceId: string, options: LogOptions): AsyncIterable<LogLine> {
    const { state } = await this.state(instanceId);
    const engine = this.#parts.engines.get(state.request?.engine ?? "");
    const container = await engine?.inspect(instanceId);
    if (engine !== undefined && container) yield* engine.logs(container.container_id, options);
  }

  pullProgress(instanceId: string): PullProgress | null {
    return this.#parts.pullProgress(instanceId);
  }

  // Whoever looks at the agent tells this at its next look; an intent that comes first stops the clock, and would charge for it.
  async #tellUnproven(instanceId: string): Promise<void> {
    const { executor, ids, unproven } = this.#parts;
    if (unproven === undefined) return;
    const { state } = await executor.state(instance, instanceId);
    const gap = state.request === null ? null : await unproven(instanceId, state).catch(() => null);
    if (gap !== null && state.request !== null) await executor.execute(recordFact, { fact: gap }, systemRequest(state.request, ids));
  }

  async #intend(command: typeof pauseInstance, instanceId: string, reason: string, request: CommandRequest): Promise<Written<InstanceState>> {
    const { request: asked } = (await this.state(instanceId)).state;
    const account = asked?.customer_id ?? request.account;
    const outcome = await this.#parts.executor.execute(command, { instance_id: instanceId, reason }, { ...request, account, agent: asked?.agent_id, instance: instanceId });
    return writtenOf(outcome);
  }

  async #assertRoom(agentId: string, most: number): Promise<void> {
    const { state: { held, closed } } = await this.#parts.executor.state(capacity, capacityStream(agentId));
    if (closed) throw new Refusal("agent-deregistered", "The agent is being deregistered and takes no new instances.");
    if (held.size >= most)
      throw new Refusal("capacity-exhausted", `All ${most} instances of this agent are taken; try again when one has ended.`, { max_instances: most });
  }

  async #engineFor(agentState: AgentState): Promise<string> {
    if (agentState.release?.type !== "docker") return "none";
    const [engine] = this.#parts.engines.values();
    if (engine === undefined) throw new Refusal("runtime-unavailable", "No container engine is configured, so docker agents cannot run.");
    const { ok, detail } = await engine.health();
    if (!ok) throw new Refusal("runtime-unavailable", `The container engine cannot be reached${detail === undefined ? "" : `: ${detail}`}; try again soon.`);
    return engine.name;
  }
}
