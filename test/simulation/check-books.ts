import type { StoredEvent } from "#domain/kernel/event.ts";
import { ledgerStream } from "#domain/kernel/ids.ts";
import { type UsageEvent, usageIdentity } from "#domain/usage/usage.ts";
import type { Evidence } from "./evidence.ts";

const dayMs = 24 * 3_600_000;

const usageOf = ({ events }: Evidence) => events.filter(({ stream }) => stream.startsWith("usage-")) as StoredEvent<UsageEvent>[];

/** Each task is admitted once and ends once; each usage identity is recorded once. */
export function countedOnce(evidence: Evidence): string[] {
  const problems: string[] = [];
  const [admitted, ended, recorded] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const once = (seen: Set<string>, what: string, event: StoredEvent) => {
    if (seen.has(what)) problems.push(`${event.stream}@${event.revision}: ${event.type} of ${what} once more`);
    seen.add(what);
  };
  for (const event of usageOf(evidence)) {
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

/** Nothing that was acknowledged is missing, and nothing that was refused is there. */
export function acknowledged({ simulation: { books }, events }: Evidence): string[] {
  const commands = new Set(events.map(({ metadata }) => metadata.command_id));
  return [
    ...[...books.written].filter(([id]) => !commands.has(id)).map(([, what]) => `acknowledged but lost: ${what}`),
    ...[...books.refused].filter(([id]) => commands.has(id)).map(([, what]) => `refused but written: ${what}`),
  ];
}

/** Tasks and reports are what their senders were told. */
export function answersTrue(evidence: Evidence): string[] {
  const { books } = evidence.simulation;
  const [tasks, reports] = [new Map<string, string>(), new Map<string, string>()];
  for (const { type, data } of usageOf(evidence))
    if (type === "UsageRecorded") reports.set(JSON.stringify([data.instance_id, data.source, data.id]), JSON.stringify([data.time, data.meter, data.quantity]));
    else tasks.set(data.task_id, endings[type] ?? "running");
  return [
    ...[...books.admitted].filter((id) => !tasks.has(id)).map((id) => `${id} was admitted but is lost`),
    ...[...books.endings].filter(([id, status]) => tasks.get(id) !== status).map(([id, status]) => `${id} was told to be ${status} but is ${tasks.get(id) ?? "unknown"}`),
    ...[...books.reports].filter(([id, payload]) => reports.get(id) !== payload).map(([id, payload]) => `report ${id} was accepted as ${payload} but is ${reports.get(id) ?? "lost"}`),
  ];
}

/** Whoever asks for the result of a task that succeeded gets it, for a day. */
export async function resultsKept(evidence: Evidence): Promise<string[]> {
  const { clock, stores: { system } } = evidence.simulation.scene;
  const problems: string[] = [];
  for (const { type, data, metadata } of usageOf(evidence)) {
    if (type !== "TaskSucceeded" || Date.parse(metadata.recorded_at) < clock.now() - dayMs) continue;
    if (await system.get("task-result", data.task_id, clock.now()) === null) problems.push(`${data.task_id} succeeded but its result is gone`);
  }
  return problems;
}

/** Every instance that somebody was told of is there and on its account's roster. */
export function rosterHolds({ simulation: { books }, streams }: Evidence): string[] {
  return [...books.created].filter((id) => {
    const first = streams.get(id)?.[0];
    const roster = streams.get(ledgerStream(first?.metadata.account ?? "")) ?? [];
    return first?.type !== "InstanceRequested" || !roster.some(({ data }) => (data as { instance_id?: string }).instance_id === id);
  }).map((id) => `${id} was created but is not on its account's roster`);
}
