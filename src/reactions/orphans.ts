import type { Executor } from "#commands/execute.ts";
import type { Clock } from "#commands/ports.ts";
import type { InstanceStatus } from "#domain/instance/transitions.ts";
import { toMillis } from "#domain/kernel/time.ts";
import { instanceState } from "./facts.ts";
import type { ContainerRuntime, ObservedContainer } from "./ports.ts";

const graceMs = 60_000;
const instanceIdPattern = /^instance-[0-9a-f-]{36}$/;
/** A failed instance keeps its container for the logs. */
const gone: ReadonlySet<InstanceStatus> = new Set(["none", "stopped", "rejected"]);

/** What a look at an engine's containers found. */
export interface Sweep {
  /** Instances whose container is there. */
  readonly instances: readonly string[];
  readonly removed: number;
}

/**
 * Removes this installation's containers that no live instance owns, and those of attempts that a later one replaced.
 * A young container may belong to what is being written just now. A store that is away makes it throw before anything is removed.
 */
export async function sweep(engine: ContainerRuntime, executor: Executor, clock: Clock): Promise<Sweep> {
  const containers = await engine.list();
  const newest = new Map<string, number>();
  for (const { instance_id, attempt } of containers) newest.set(instance_id, Math.max(attempt, newest.get(instance_id) ?? 0));
  const old = containers.filter(({ created_at }) => clock.now() - toMillis(created_at) >= graceMs);
  const surplus: ObservedContainer[] = [];
  for (const container of old) {
    if (container.attempt < (newest.get(container.instance_id) ?? 0)) surplus.push(container);
    else if (instanceIdPattern.test(container.instance_id) && gone.has((await instanceState(executor, container.instance_id)).status)) surplus.push(container);
  }
  for (const { container_id } of surplus) await engine.remove(container_id);
  return { instances: [...newest.keys()].filter((id) => instanceIdPattern.test(id)), removed: surplus.length };
}
