import type { Clock } from "#commands/ports.ts";
import { type ContainerRuntime, type ContainerSpec, type LogLine, type ObservedContainer, RuntimeError } from "#reactions/ports.ts";
import { created, digestOf, observed, type RuntimeCall, type SimulatedContainer } from "./simulated-container.ts";

type PullOptions = Parameters<ContainerRuntime["pull"]>[1];

/** A container engine in memory, with its faults made by a hook and its accidents by methods. */
export class SimulatedRuntime implements ContainerRuntime {
  readonly name: string;
  readonly containers = new Map<string, SimulatedContainer>();
  /** Images that the engine has, by every reference to them, with their digest. */
  readonly images = new Map<string, string>();
  /** Images that a registry serves. */
  readonly registry = new Map<string, string>();
  readonly calls: RuntimeCall[] = [];
  /** Runs before each call; throwing makes the call fail. */
  hook: (call: RuntimeCall) => Promise<void> | void = () => undefined;
  /** Runs after each call took effect; throwing loses the answer. */
  afterHook: (call: RuntimeCall) => Promise<void> | void = () => undefined;
  readonly #clock: Clock;
  readonly #watchers = new Set<(instanceId: string) => void>();
  #ids = 0;

  constructor(clock: Clock, name = "simulated") {
    this.#clock = clock;
    this.name = name;
  }

  /** Makes an image known to the registry and answers its digest. */
  publish(image: string): string {
    const digest = digestOf(image);
    this.registry.set(image, digest);
    this.registry.set(digest, digest);
    return digest;
  }

  async health(): Promise<{ ok: boolean; version?: string; detail?: string }> {
    try {
      await this.#call("health", "");
      return { ok: true, version: "simulated" };
    } catch (error) {
      return { ok: false, detail: (error as Error).message };
    }
  }

  async pull(image: string, options: PullOptions): Promise<string> {
    await this.#call("pull", image);
    options.signal?.throwIfAborted();
    const present = this.images.get(image);
    if (present !== undefined && options.policy === "missing") return present;
    const digest = this.registry.get(image) ?? present;
    if (digest === undefined) throw new RuntimeError("image-not-found", `No registry serves ${image}`);
    options.onProgress?.({ image, done_bytes: 100, total_bytes: 100, percent: 100 });
    this.images.set(image, digest);
    this.images.set(digest, digest);
    await this.afterHook({ verb: "pull", subject: image });
    return digest;
  }

  async start(spec: ContainerSpec): Promise<ObservedContainer> {
    await this.#call("start", spec.instance_id);
    if (!this.images.has(spec.image)) throw new RuntimeError("image-not-found", `The engine has no image ${spec.image}`);
    const known = [...this.containers.values()].find(({ spec: has }) => has.instance_id === spec.instance_id && has.attempt === spec.attempt);
    const container = known ?? this.#add(created(spec, `container-${++this.#ids}`, this.#iso()));
    if (container.state === "created" || container.state === "exited") {
      Object.assign(container, { state: "running", started_at: this.#iso(), finished_at: null, exit_code: null, out_of_memory: false, ended_with_engine: false });
      this.tell(spec.instance_id);
    }
    await this.afterHook({ verb: "start", subject: spec.instance_id });
    return observed(container);
  }

  async inspect(instanceId: string): Promise<ObservedContainer | null> {
    await this.#call("inspect", instanceId);
    const newest = this.of(instanceId).at(-1);
    return newest === undefined ? null : observed(newest);
  }

  async pause(containerId: string): Promise<void> {
    await this.#call("pause", containerId);
    const container = this.#need(containerId);
    if (container.state === "paused") return;
    if (container.state !== "running") throw new RuntimeError("container-failed", "The container does not run");
    container.state = "paused";
    await this.afterHook({ verb: "pause", subject: containerId });
  }

  async resume(containerId: string): Promise<void> {
    await this.#call("resume", containerId);
    const container = this.#need(containerId);
    if (container.state === "paused") container.state = "running";
    await this.afterHook({ verb: "resume", subject: containerId });
  }

  async stop(containerId: string): Promise<void> {
    await this.#call("stop", containerId);
    const container = this.containers.get(containerId);
    if (container !== undefined && (container.state === "running" || container.state === "paused")) this.#end(container, 0, false);
    await this.afterHook({ verb: "stop", subject: containerId });
  }

  async remove(containerId: string): Promise<void> {
    await this.#call("remove", containerId);
    this.containers.delete(containerId);
    await this.afterHook({ verb: "remove", subject: containerId });
  }

  async list(): Promise<ObservedContainer[]> {
    await this.#call("list", "");
    return [...this.containers.values()].map((container) => observed(container));
  }

  async stats(containerId: string): ReturnType<ContainerRuntime["stats"]> {
    await this.#call("stats", containerId);
    const container = this.containers.get(containerId);
    if (container?.state !== "running") return null;
    return { cpu_percent: 12.5, memory_bytes: 64 * 2 ** 20, memory_limit_bytes: container.spec.resources.memory_bytes, network_rx_bytes: 1000, network_tx_bytes: 500 };
  }

  async *logs(containerId: string): AsyncIterable<LogLine> {
    await this.#call("logs", containerId);
    const container = this.containers.get(containerId);
    if (container?.started_at) yield { at: container.started_at, stream: "stdout", text: "ready" };
  }

  async removeImage(image: string): Promise<void> {
    await this.#call("removeImage", image);
    for (const [reference, digest] of this.images) if (digest === image || reference === image) this.images.delete(reference);
  }

  watch(onChange: (instanceId: string) => void): () => void {
    this.#watchers.add(onChange);
    return () => { this.#watchers.delete(onChange); };
  }

  /** An instance's containers, the highest attempt last. */
  of(instanceId: string): SimulatedContainer[] {
    return [...this.containers.values()].filter(({ spec }) => spec.instance_id === instanceId).toSorted((a, b) => a.spec.attempt - b.spec.attempt);
  }

  /** The agent's process ends by itself. */
  crash(instanceId: string, exitCode = 1, outOfMemory = false): void {
    const container = this.of(instanceId).at(-1);
    if (container === undefined || container.state === "exited") return;
    this.#end(container, exitCode, outOfMemory);
    this.tell(instanceId);
  }

  /** The engine goes down with all that lives in it, and is up again; one that lost power does not know when that was. */
  goDown(how: "stopped" | "lost power"): void {
    const living = [...this.containers.values()].filter(({ state }) => state === "running" || state === "paused");
    for (const container of living) {
      this.#end(container, 143, false);
      if (how === "lost power") Object.assign(container, { finished_at: null, exit_code: null });
    }
    // Of what ended shortly before, and was not seen, nobody can tell any more that it did so by itself.
    for (const container of this.containers.values()) container.ended_with_engine = container.state === "exited" && !container.out_of_memory;
    for (const { spec } of living) this.tell(spec.instance_id);
  }

  /** Somebody removes the container by hand. */
  vanish(instanceId: string): void {
    for (const { container_id } of this.of(instanceId)) this.containers.delete(container_id);
    this.tell(instanceId);
  }

  /** Somebody restarts the container by hand. */
  restart(instanceId: string): void {
    const container = this.of(instanceId).at(-1);
    if (container !== undefined) Object.assign(container, { state: "running", started_at: this.#iso(), finished_at: null, exit_code: null, ended_with_engine: false });
    this.tell(instanceId);
  }

  /** Tells the watchers that an instance's container changed. */
  tell(instanceId: string): void {
    for (const watcher of this.#watchers) watcher(instanceId);
  }

  /** How often a verb was called. */
  count(verb: RuntimeCall["verb"]): number {
    return this.calls.filter((call) => call.verb === verb).length;
  }

  async #call(verb: RuntimeCall["verb"], subject: string): Promise<void> {
    this.calls.push({ verb, subject });
    await this.hook({ verb, subject });
  }

  #add(container: SimulatedContainer): SimulatedContainer {
    this.containers.set(container.container_id, container);
    return container;
  }

  #need(containerId: string): SimulatedContainer {
    const container = this.containers.get(containerId);
    if (container === undefined) throw new RuntimeError("container-failed", "The container is gone");
    return container;
  }

  #end(container: SimulatedContainer, exitCode: number, outOfMemory: boolean): void {
    Object.assign(container, { state: "exited", finished_at: this.#iso(), exit_code: exitCode, out_of_memory: outOfMemory });
  }

  #iso(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

/** What an engine that is away says. */
export const engineAway = (): RuntimeError => new RuntimeError("runtime-unavailable", "The container engine cannot be reached");
