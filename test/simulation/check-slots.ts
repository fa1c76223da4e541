import type { CapacityEvent } from "#domain/capacity/capacity.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { holdsSlot } from "#domain/instance/transitions.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { capacityStream } from "#domain/kernel/ids.ts";
import type { Evidence } from "./evidence.ts";

const limitOf = (state: InstanceState | undefined): number => state?.request?.release.max_instances ?? 0;

/** Who holds a slot at the end of an agent's capacity, and what was wrong on the way. */
function walk(stream: string, own: readonly StoredEvent<CapacityEvent>[], instances: Evidence["instances"]): { held: Set<string>; problems: string[] } {
  const [held, problems] = [new Set<string>(), [] as string[]];
  let closed = false;
  for (const event of own) {
    if (event.type === "CapacityClosed") closed = true;
    else if (event.type === "SlotReleased") held.delete(event.data.instance_id);
    else {
      held.add(event.data.instance_id);
      const most = limitOf(instances.get(event.data.instance_id));
      if (held.size > most || closed) problems.push(`${stream}@${event.revision}: ${held.size} slots of ${most}${closed ? ", closed" : ""}`);
    }
  }
  return { held, problems };
}

/** A slot for each live instance and for no other, never more than the agent's limit, none once the capacity is closed. */
export function slotsExact({ streams, instances }: Evidence): string[] {
  const [held, problems] = [new Set<string>(), [] as string[]];
  for (const [stream, own] of streams) {
    if (!stream.startsWith("capacity-")) continue;
    const walked = walk(stream, own as readonly StoredEvent<CapacityEvent>[], instances);
    problems.push(...walked.problems);
    for (const id of walked.held) held.add(`${stream} ${id}`);
  }
  for (const [id, { status, request }] of instances) {
    const has = held.delete(`${capacityStream(request?.agent_id ?? "")} ${id}`);
    if (has !== holdsSlot(status)) problems.push(`${id} is ${status} and ${has ? "holds" : "lacks"} a slot`);
  }
  return [...problems, ...[...held].map((slot) => `nobody owns the slot ${slot}`)];
}
