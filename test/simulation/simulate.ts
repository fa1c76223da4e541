import { createHash } from "node:crypto";
import type { StoredEvent } from "#domain/kernel/event.ts";
import { wholeLog } from "./log.ts";
import { openScene } from "./scene.ts";
import { settle } from "./settle.ts";
import { Broken, type Plan, Simulation } from "./simulation.ts";
import { verify } from "./verify.ts";

/** What a run found. */
export interface Findings {
  readonly problems: readonly string[];
  /** The step at which it went wrong; the last one when only the end showed it. */
  readonly step: number;
  readonly trace: readonly string[];
  readonly events: number;
  readonly processes: number;
  /** The events of the instances that a problem names. */
  readonly evidence: readonly string[];
  /** Over the whole event log: equal runs have equal digests. */
  readonly digest: string;
}

function evidenceOf(problems: readonly string[], events: readonly StoredEvent[]): string[] {
  const named = new Set(problems.flatMap((problem) => problem.match(/(instance|task-\d{8})-[0-9a-f-]{36}/g) ?? []));
  return [...named].slice(0, 3).flatMap((id) => events.filter(({ stream, data, metadata }) => stream === id || metadata.instance === id || (data as { task_id?: string }).task_id === id)
    .map(({ stream, revision, type, data, metadata }) => `${metadata.recorded_at} ${stream}@${revision} ${type} ${JSON.stringify(data).slice(0, 200)}`));
}

const digestOf = (events: readonly StoredEvent[]): string => createHash("sha256").update(JSON.stringify(events)).digest("hex");

/** Runs a plan from its beginning to the proof at its end. */
export async function simulate(plan: Plan): Promise<Findings> {
  const scene = await openScene(plan.seed, plan.breakage ?? null);
  const simulation = new Simulation(scene, plan);
  let problems: readonly string[] = [];
  try {
    await simulation.live();
    await settle(simulation);
    problems = await verify(simulation);
  } catch (error) {
    problems = error instanceof Broken ? error.problems : [error instanceof Error ? error.stack ?? error.message : String(error)];
  }
  const events = await wholeLog(scene.stores.events);
  const { step, lines } = scene.trace;
  simulation.process.life.kill("the end");
  await scene.stores.close();
  return { problems, step, trace: [...lines], evidence: evidenceOf(problems, events), events: events.length, processes: simulation.processes, digest: digestOf(events) };
}
