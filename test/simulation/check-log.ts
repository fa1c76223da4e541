import type { InstanceStatus } from "#domain/instance/transitions.ts";
import { allows, isTransition, transitions } from "#domain/instance/transitions.ts";
import type { StoredEvent } from "#domain/kernel/event.ts";
import type { Evidence } from "./evidence.ts";

function orderOf(stream: string, own: readonly StoredEvent[]): string[] {
  const problems: string[] = [];
  let before = "";
  for (const [index, { revision, metadata }] of own.entries()) {
    if (revision !== index) problems.push(`${stream} has revision ${revision} in place ${index}`);
    if (metadata.recorded_at < before) problems.push(`${stream}@${revision}: recorded_at goes back`);
    before = metadata.recorded_at;
  }
  return problems;
}

/** Revisions without a gap, positions that grow, and no stream whose time goes back. */
export function inOrder({ events, streams }: Evidence): string[] {
  const problems = [...streams].flatMap(([stream, own]) => orderOf(stream, own));
  let before = "";
  for (const { position } of events) {
    if (position <= before) problems.push(`position ${position} does not grow`);
    before = position;
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
