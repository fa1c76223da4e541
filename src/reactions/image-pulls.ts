import type { Clock } from "#commands/ports.ts";
import { withDeadline } from "./deadline.ts";
import type { ContainerRuntime, PullProgress, RegistryCredentials, RuntimeError } from "./ports.ts";

type Result = "pulling" | "ready" | { readonly reason: string; readonly detail: string };
interface Pull {
  result: Result;
  progress: PullProgress | null;
  readonly waiting: Set<string>;
  until: number;
}

const pullLimitMs = 30 * 60_000;
/** A failure is told to those who waited; whoever comes later pulls again. */
const rememberFailureMs = 10_000;
const rememberReadyMs = 60_000;

/** Image pulls by engine and image: instances wait for one without holding a place in the work queue. */
export class ImagePulls {
  readonly #clock: Clock;
  readonly #onDone: (instanceId: string, delayMs: number) => void;
  readonly #pulls = new Map<string, Pull>();

  constructor(clock: Clock, onDone: (instanceId: string, delayMs: number) => void) {
    this.#clock = clock;
    this.#onDone = onDone;
  }

  /** What is known of the image, without asking the engine. */
  known(engine: string, image: string): Result | "unknown" {
    const key = JSON.stringify([engine, image]);
    const pull = this.#pulls.get(key);
    if (pull === undefined) return "unknown";
    if (pull.result === "pulling" || pull.until > this.#clock.now()) return pull.result;
    this.#pulls.delete(key);
    return "unknown";
  }

  /** Begins the pull, or joins one; the instance is told when it ends. */
  pull(runtime: ContainerRuntime, image: string, instanceId: string, credentials: RegistryCredentials | null): void {
    const key = JSON.stringify([runtime.name, image]);
    const present = this.#pulls.get(key);
    if (present?.result === "pulling") {
      present.waiting.add(instanceId);
      return;
    }
    const pull: Pull = { result: "pulling", progress: null, waiting: new Set([instanceId]), until: 0 };
    this.#pulls.set(key, pull);
    void this.#run(runtime, image, key, pull, credentials);
  }

  /** The image turned out not to be there after all. */
  forget(engine: string, image: string): void {
    this.#pulls.delete(JSON.stringify([engine, image]));
  }

  /** How far the pull is that an instance waits for. */
  progress(instanceId: string): PullProgress | null {
    for (const pull of this.#pulls.values())
      if (pull.result === "pulling" && pull.waiting.has(instanceId)) return pull.progress;
    return null;
  }

  async #run(runtime: ContainerRuntime, image: string, key: string, pull: Pull, credentials: RegistryCredentials | null): Promise<void> {
    let delay = 0;
    try {
      await withDeadline(this.#clock, pullLimitMs, (signal) => runtime.pull(image, {
        policy: "missing", signal, onProgress: (progress) => { pull.progress = progress; }, ...(credentials === null ? {} : { credentials }),
      }));
      pull.result = "ready";
      pull.until = this.#clock.now() + rememberReadyMs;
    } catch (error) {
      const code = (error as Partial<RuntimeError>).code ?? "image-pull-failed";
      pull.result = { reason: code, detail: (error as Error).message };
      pull.until = this.#clock.now() + rememberFailureMs;
      // An engine that is away says nothing about the image.
      if (code === "runtime-unavailable") {
        this.#pulls.delete(key);
        delay = 2_000;
      }
    }
    for (const instanceId of pull.waiting) this.#onDone(instanceId, delay);
  }
}
