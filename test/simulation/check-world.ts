import type { InstanceState } from "#domain/instance/instance.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import type { SimulatedContainer } from "#test/support/simulated-container.ts";
import { independentRunningMs } from "#test/support/independent-bill.ts";
import type { Evidence } from "./evidence.ts";

const ended = ({ state }: SimulatedContainer): boolean => state === "exited" || state === "created";

function fits(state: InstanceState | undefined, containers: readonly SimulatedContainer[]): boolean {
  const docker = state?.request?.release.type === "docker";
  if (state?.status === "failed") return containers.every(ended);
  if (!docker || (state.status !== "running" && state.status !== "paused")) return containers.length === 0;
  // What was frozen and has ended is not replaced before it is to go on.
  if (state.status === "paused" && containers.every(ended)) return containers.length <= 1;
  return containers.length === 1 && isAsSaid(state, containers[0]);
}

const isAsSaid = ({ status, attempt, container_id }: InstanceState, container: SimulatedContainer | undefined): boolean =>
  container?.state === status && container.spec.attempt === attempt && container.container_id === container_id;

/** An intent stops the clock when it comes, also that of a container which ended before it and whose end nobody had seen yet. */
function unseen(events: readonly StoredEvent[], accidents: readonly number[]): number {
  const stops = events.filter(({ type }) => ["PauseRequested", "TerminationRequested", "InstanceExited", "InstanceFailed"].includes(type));
  return accidents.reduce((sum, at) => {
    const stop = stops.find(({ metadata }) => Date.parse(metadata.recorded_at) >= at);
    return stop === undefined || stop.type.startsWith("Instance") ? sum : sum + Date.parse(stop.metadata.recorded_at) - at;
  }, 0);
}

/** One container for each live instance, in the state that it is said to be in; none for the others. */
export function containersMatch({ simulation: { scene }, instances }: Evidence): string[] {
  const all = new Set([...instances.keys(), ...[...scene.runtime.containers.values()].map(({ spec }) => spec.instance_id)]);
  return [...all].filter((id) => !fits(instances.get(id), scene.runtime.of(id))).map((id) => {
    const { status, attempt } = instances.get(id) ?? { status: "unknown", attempt: 0 };
    return `${id} is ${status} (attempt ${attempt}), its containers are ${JSON.stringify(scene.runtime.of(id).map((container) => [container.spec.attempt, container.state]))}`;
  });
}

/** Nobody pays for more time than a container ran. */
export function paidForWhatRan({ simulation: { scene, ground }, streams, instances }: Evidence): string[] {
  const problems: string[] = [];
  for (const [id, { request }] of instances) {
    if (request?.release.type !== "docker") continue;
    const own = streams.get(id) ?? [];
    const billed = independentRunningMs(own, scene.clock.now());
    const ran = (ground.ran.get(id) ?? 0) + unseen(own, ground.accidents.get(id) ?? []);
    if (billed > ran) problems.push(`${id} is billed for ${billed} ms but ran for ${ran} ms`);
  }
  return problems;
}
