import type { StoredEvent } from "#domain/kernel/event.ts";
import { type InstanceState, instance } from "#domain/instance/instance.ts";
import type { InstanceEvent } from "#domain/instance/events.ts";
import { billsAreRight } from "./check-bills.ts";
import { acknowledged, answersTrue, countedOnce, resultsKept, rosterHolds } from "./check-books.ts";
import { inOrder, statusesFollow } from "./check-log.ts";
import { modelsEqualReplay } from "./check-models.ts";
import { slotsExact } from "./check-slots.ts";
import { containersMatch, paidForWhatRan } from "./check-world.ts";
import type { Evidence } from "./evidence.ts";
import { byStream, wholeLog } from "./log.ts";
import type { Simulation } from "./simulation.ts";

const checks: readonly ((evidence: Evidence) => string[] | Promise<string[]>)[] = [
  inOrder, statusesFollow, slotsExact, countedOnce, acknowledged, answersTrue, resultsKept, rosterHolds, containersMatch, paidForWhatRan, modelsEqualReplay, billsAreRight,
];

/** Everything that must hold once the world is calm; answers what does not. */
export async function verify(simulation: Simulation): Promise<string[]> {
  const events = await wholeLog(simulation.scene.stores.events);
  const streams = byStream(events);
  const instances = new Map<string, InstanceState>();
  for (const [stream, own] of streams)
    if (stream.startsWith("instance-")) instances.set(stream, own.reduce((state, event) => instance.evolve(state, event as StoredEvent<InstanceEvent>), instance.initial()));
  const evidence = { simulation, events, streams, instances };
  const problems = simulation.found();
  for (const check of checks) problems.push(...await check(evidence));
  return problems;
}
