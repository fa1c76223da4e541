import type { CapacityEvent } from "#domain/capacity/capacity.ts";
import type { InstanceStatus } from "#domain/instance/transitions.ts";
import { allows, holdsSlot, isTransition, transitions } from "#domain/instance/transitions.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { capacityStream, ledgerStream } from "#domain/kernel/ids.ts";
import { type UsageEvent, usageIdentity } from "#domain/usage/usage.ts";
import type { Evidence } from "./verify.ts";

/** Revisions without a gap, positions that grow, and no stream whose time goes back. */
export function inOrder({ events, streams }: Evidence): string[] {
  const problems: string[] = [];
  for (const [index, { position }] of events.entries())
    if (index > 0 && position <= (events[index - 1]?.position ?? "")) problems.push(`position ${position} does not grow`);
  for (const [stream, own] of streams)
    for (const [index, { revision, metadata }] of own.entries()) {
      if (revision !== index) problems.push(`${stream} has revision ${revision} in place ${index}`);
      if (index > 0 && metadata.recorded_at < (own[index - 1]?.metadata.recorded_at ?? "")) problems.push(`${stream}@${revision}: recorded_at goes back`);
    }
  return problems;
}

/** Every change of a status is one that the table of transitions has. */
export function statusesFollow({ streams }: Evidence): string[] {
  const problems: string[] = [];
  for (const [stream, own] of streams) {
    if (!stream.startsWith("instance-")) continue;
    let status: InstanceStatus = "none";
    for (const { type, revision } of own) {
      if (!isTransition(type)) continue;
      if (!allows(status, type)) problems.push(`${stream}@${revision}: ${type} while ${status}`);
      status = transitions[type].to;
    }
  }
  return problems;
}

/** A slot for each live instance and for no other, never more than the agent's limit, none once the capacity is closed. */
export function slotsExact({ streams, instances }: Evidence): string[] {
  const problems: string[] = [];
  const held = new Set<string>();
  for (const [stream, own] of streams) {
    if (!stream.startsWith("capacity-")) continue;
    const slots = new Set<string>();
    let closed = false;
    for (const event of own as readonly StoredEvent<CapacityEvent>[]) {
      if (event.type === "CapacityClosed") closed = true;
      else if (event.type === "SlotReleased") slots.delete(event.data.instance_id);
      else {
        slots.add(event.data.instance_id);
        const most = instances.get(event.data.instance_id)?.request?.release.max_instances ?? 0;
        if (slots.size > most || closed) problems.push(`${stream}@${event.revision}: ${slots.size} slots of ${most}${closed ? ", closed" : ""}`);
      }
    }
    for (const id of slots) held.add(`${stream} ${id}`);
  }
  for (const [id, { status, request }] of instances) {
    const has = held.delete(`${capacityStream(request?.agent_id ?? "")} ${id}`);
    if (has !== holdsSlot(status)) problems.push(`${id} is ${status} and ${has ? "holds" : "lacks"} a slot`);
  }
  return [...problems, ...[...held].map((slot) => `nobody owns the slot ${slot}`)];
}

/** Each task is admitted once and ends once; each usage identity is recorded once. */
export function countedOnce({ events }: Evidence): string[] {
  const problems: string[] = [];
  const [admitted, ended, recorded] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const once = (seen: Set<string>, what: string, event: StoredEvent) => {
    if (seen.has(what)) problems.push(`${event.stream}@${event.revision}: ${event.type} of ${what} once more`);
    seen.add(what);
  };
  for (const event of events as readonly StoredEvent<UsageEvent>[]) {
    if (!event.stream.startsWith("usage-")) continue;
    if (event.type === "UsageRecorded") once(recorded, `${event.data.instance_id} ${usageIdentity(event.data.source, event.data.id)}`, event);
    else if (event.type === "TaskAdmitted") once(admitted, event.data.task_id, event);
    else once(ended, event.data.task_id, event);
  }
  for (const id of ended) if (!admitted.has(id)) problems.push(`${id} ended without having been admitted`);
  for (const id of admitted) if (!ended.has(id)) problems.push(`${id} never ended`);
  return problems;
}

const endings: Readonly<Record<string, string>> = {
  TaskSucceeded: "completed", TaskFailed: "failed", TaskTimedOut: "timed_out", TaskCancelled: "cancelled", TaskLost: "lost",
};

/** Nothing that was acknowledged is missing, nothing that was refused is there, and every answer was true. */
export function kept({ simulation: { books }, events, streams }: Evidence): string[] {
  const problems: string[] = [];
  const commands = new Set(events.map(({ metadata }) => metadata.command_id));
  for (const [id, what] of books.written) if (!commands.has(id)) problems.push(`acknowledged but lost: ${what}`);
  for (const [id, what] of books.refused) if (commands.has(id)) problems.push(`refused but written: ${what}`);
  const [tasks, reports] = [new Map<string, string>(), new Map<string, string>()];
  for (const { stream, type, data } of events as readonly StoredEvent<UsageEvent>[]) {
    if (!stream.startsWith("usage-")) continue;
    if (type === "UsageRecorded") reports.set(JSON.stringify([data.instance_id, data.source, data.id]), JSON.stringify([data.time, data.meter, data.quantity]));
    else tasks.set(data.task_id, endings[type] ?? "running");
  }
  for (const id of books.admitted) if (!tasks.has(id)) problems.push(`${id} was admitted but is lost`);
  for (const [id, status] of books.endings) if (tasks.get(id) !== status) problems.push(`${id} was told to be ${status} but is ${tasks.get(id) ?? "unknown"}`);
  for (const [id, payload] of books.reports) if (reports.get(id) !== payload) problems.push(`report ${id} was accepted as ${payload} but is ${reports.get(id) ?? "lost"}`);
  for (const id of books.created) {
    const [first] = streams.get(id) ?? [];
    const enrolled = (streams.get(ledgerStream(first?.metadata.account ?? "")) ?? []).some(({ data }) => (data as { instance_id?: string }).instance_id === id);
    if (first?.type !== "InstanceRequested" || !enrolled) problems.push(`${id} was created but is not ${first === undefined ? "there" : "on its account's roster"}`);
  }
  return problems;
}
