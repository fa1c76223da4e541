import { accountOpened, apiKeyIssued } from "#domain/account/account.ts";
import { agentRegistered, type AgentVersion } from "#domain/agent/agent.ts";
import type { Price } from "#domain/billing/price.ts";
import { slotReleased, slotReserved } from "#domain/capacity/capacity.ts";
import * as life from "#domain/instance/events.ts";
import type { DomainEvent, StoredEvent } from "#domain/kernel/event.ts";
import { capacityStream, ledgerStream, usageStream } from "#domain/kernel/ids.ts";
import { dayOf, fromMillis, toMillis } from "#domain/kernel/time.ts";
import { instanceEnrolled } from "#domain/ledger/ledger.ts";
import * as use from "#domain/usage/usage.ts";
import type { EventFeed } from "#projections/ports.ts";


/** A made-up id with a number in it. */
export const idOf = (kind: string, number: number): string => `${kind}-00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** A hybrid price, so that every component of a bill shows. */
export const hybrid: Price = {
  type: "hybrid", currency: "USD", base_price: "5", base_period: "once", price_per_request: "0.01",
  price_per_minute: "0", price_per_hour: "0.1", increment_s: 1,
};

const release: AgentVersion = {
  version: "1.0.0", type: "docker", protocol: "http", endpoints: [{ path: "/analyze", method: "POST" }], health_path: "/health",
  docker: { image: "myrepo/agent:v1", image_digest: "sha256:1", port: 8000, env_names: [], configurable_env: [], pull: "missing", stop_grace: 10 },
  max_instances: 2, resources: { memory_bytes: 2 ** 29, cpu: "0.5" }, content_hash: "x",
};

/** Events as a log would hold them, written in the words of the domain. */
export class History {
  readonly events: StoredEvent[] = [];
  readonly #revisions = new Map<string, number>();
  #now = toMillis("2026-01-10T00:00:00.000Z");

  get now(): string {
    return fromMillis(this.#now);
  }

  /** Lets time pass. */
  after(seconds: number): this {
    this.#now += Math.round(seconds * 1000);
    return this;
  }

  /** Appends one event. */
  push(stream: string, event: DomainEvent, about: { account: string; agent?: string; instance?: string }): this {
    const revision = (this.#revisions.get(stream) ?? -1) + 1;
    this.#revisions.set(stream, revision);
    const number = this.events.length + 1;
    const position = String(number).padStart(10, "0");
    this.events.push({
      ...event, id: `event-${number}`, stream, revision, position,
      metadata: {
        schema_version: 1, recorded_at: this.now, actor: about.account, command_id: `c${number}`, correlation_id: `c${number}`,
        causation_id: `c${number}`, ...about,
      },
    });
    return this;
  }

  open(account: number, roles: ("customer" | "publisher")[] = ["customer"]): this {
    const account_id = idOf("account", account);
    const key = { account_id, key_id: `key-${account}`, key_hash: `hash-${account}`, hint: "ah_1" };
    return this.push(account_id, accountOpened({ account_id, name: `Account ${account}`, roles, currency: "USD" }), { account: account_id })
      .push(account_id, apiKeyIssued(key), { account: account_id });
  }

  register(agent: number, publisher: number, price: Price = hybrid): this {
    const [agent_id, publisher_id] = [idOf("agent", agent), idOf("account", publisher)];
    const profile = { description: "Classifies text", category: "data-analysis", tags: ["nlp"], capabilities: [], requirements: [] };
    return this.push(agent_id, agentRegistered({ agent_id, publisher_id, name: `Sentiment ${agent}`, profile, release, price }), { account: publisher_id, agent: agent_id });
  }

  request(instance: number, { agent = 1, customer = 2, publisher = 1, price = hybrid } = {}): this {
    const [instance_id, agent_id, customer_id] = [idOf("instance", instance), idOf("agent", agent), idOf("account", customer)];
    const about = { account: customer_id, agent: agent_id, instance: instance_id };
    return this.push(ledgerStream(customer_id), instanceEnrolled({ account_id: customer_id, instance_id, agent_id }), about)
      .push(instance_id, life.instanceRequested({
        instance_id, agent_id, agent_name: `Sentiment ${agent}`, publisher_id: idOf("account", publisher), customer_id, release, price,
        resources: release.resources, config: { memory_limit: "512M", env_names: [], labels: { team: "blue" } }, engine: "local",
      }), about)
      .push(capacityStream(agent_id), slotReserved({ agent_id, instance_id }), { account: idOf("account", publisher), agent: agent_id });
  }

  release(instance: number, agent = 1): this {
    const [instance_id, agent_id] = [idOf("instance", instance), idOf("agent", agent)];
    return this.push(capacityStream(agent_id), slotReleased({ agent_id, instance_id }), { account: idOf("account", 1), agent: agent_id });
  }

  /** An event of an instance's stream. */
  live(instance: number, create: (instance_id: string, now: string) => DomainEvent, { agent = 1, customer = 2 } = {}): this {
    const instance_id = idOf("instance", instance);
    return this.push(instance_id, create(instance_id, this.now), { account: idOf("account", customer), agent: idOf("agent", agent), instance: instance_id });
  }

  started = (instance: number): this => this.live(instance, (instance_id) => life.instanceStarted({ instance_id, attempt: 1, address: "http://127.0.0.1:1" }));
  pauseRequested = (instance: number): this => this.live(instance, (instance_id) => life.pauseRequested({ instance_id, reason: "asked" }));
  paused = (instance: number): this => this.live(instance, (instance_id) => life.instancePaused({ instance_id }));
  resumeRequested = (instance: number): this => this.live(instance, (instance_id) => life.resumeRequested({ instance_id, reason: "asked" }));
  resumed = (instance: number): this => this.live(instance, (instance_id) => life.instanceResumed({ instance_id }));
  degraded = (instance: number): this => this.live(instance, (instance_id) => life.healthDegraded({ instance_id, reason: "probe", detail: "no answer" }));
  recovered = (instance: number): this => this.live(instance, (instance_id) => life.healthRecovered({ instance_id }));
  terminationRequested = (instance: number): this => this.live(instance, (instance_id) => life.terminationRequested({ instance_id, reason: "asked" }));
  terminated = (instance: number): this => this.live(instance, (instance_id) => life.instanceTerminated({ instance_id }));

  /** A task from its admission to its end. */
  task(instance: number, number: number, seconds: number, outcome: "succeeds" | "fails" | "is cancelled" = "succeeds", { agent = 1, customer = 2 } = {}): this {
    const instance_id = idOf("instance", instance);
    const day = dayOf(this.now);
    const task_id = `task-${day}-${idOf("x", number).slice(2)}`;
    const stream = usageStream(instance_id, day);
    const about = { account: idOf("account", customer), agent: idOf("agent", agent), instance: instance_id };
    const task = { task_id, instance_id, execution_ms: Math.round(seconds * 1000) };
    this.push(stream, use.taskAdmitted({ task_id, instance_id, endpoint: "/analyze", timeout_s: 30, deadline: this.now, executor: "p", parameters_hash: "h" }), about)
      .after(seconds);
    if (outcome === "succeeds") return this.push(stream, use.taskSucceeded({ ...task, result_bytes: 2 }), about);
    if (outcome === "fails") return this.push(stream, use.taskFailed({ ...task, code: "agent-failed", detail: "no" }), about);
    return this.push(stream, use.taskCancelled({ ...task, reason: "asked" }), about);
  }

  /** Usage that the publisher reports. */
  reported(instance: number, id: string, meter: string, quantity: string, { agent = 1, customer = 2 } = {}): this {
    const instance_id = idOf("instance", instance);
    const event = use.usageRecorded({ instance_id, source: "agent", id, time: this.now, meter, quantity });
    return this.push(usageStream(instance_id, dayOf(this.now)), event, { account: idOf("account", customer), agent: idOf("agent", agent), instance: instance_id });
  }

  /** The log as the projector reads it. */
  feed(storeId = "store"): EventFeed {
    return {
      storeId,
      readAfter: async (position, max) => this.events.filter((event) => event.position > position).slice(0, max),
      whenNewer: (_position, signal) => new Promise((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    };
  }
}
