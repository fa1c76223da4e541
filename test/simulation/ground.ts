import type { Scene } from "./scene.ts";

/** What truly happened in the engine, kept apart from what the application wrote about it. */
export class Ground {
  /** Milliseconds that an instance's containers ran. */
  readonly ran = new Map<string, number>();
  /** When containers ended by themselves, by instance. */
  readonly accidents = new Map<string, number[]>();
  /** Instances that were seen with two containers that live. */
  readonly doubled = new Set<string>();
  #seen: number;
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#seen = scene.clock.now();
    scene.runtime.hook = () => { this.look(); };
    scene.runtime.afterHook = ({ verb, subject }) => {
      scene.trace.note(`  engine: ${verb} ${subject}`);
      this.#count();
    };
  }

  /** Accounts for the time since the last look; to be called before anything changes. */
  look(): void {
    const now = this.#scene.clock.now();
    const passed = now - this.#seen;
    this.#seen = now;
    if (passed > 0)
      for (const { state, spec } of this.#scene.runtime.containers.values())
        if (state === "running") this.ran.set(spec.instance_id, (this.ran.get(spec.instance_id) ?? 0) + passed);
  }

  /** A container ends without anybody having asked for it. */
  struck(instanceId: string): void {
    this.look();
    this.accidents.set(instanceId, [...this.accidents.get(instanceId) ?? [], this.#scene.clock.now()]);
  }

  #count(): void {
    const live = new Set<string>();
    for (const { state, spec } of this.#scene.runtime.containers.values()) {
      if (state !== "running" && state !== "paused") continue;
      if (live.has(spec.instance_id)) this.doubled.add(spec.instance_id);
      live.add(spec.instance_id);
    }
  }
}
