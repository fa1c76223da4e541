import { instance } from "#domain/instance/instance.ts";
import { usage } from "#domain/usage/usage.ts";
import type { Aggregate } from "#domain/kernel/aggregate.ts";
import type { DomainEvent, StoredEvent } from "#domain/kernel/event.ts";
import { byStream, wholeLog } from "./log.ts";
import type { Simulation } from "./simulation.ts";

const patienceMs = 4 * 3_600_000;
/** A full pass and the grace of containers that nobody owns. */
const tidyMs = 200_000;
const passing: ReadonlySet<string> = new Set(["starting", "pausing", "resuming", "restarting", "stopping"]);

const fold = <S, E extends DomainEvent>(aggregate: Aggregate<S, E>, events: readonly StoredEvent[]): S =>
  events.reduce((state, event) => aggregate.evolve(state, event as StoredEvent<E>), aggregate.initial());

/** What is still on its way, by the log alone. */
function unfinished(events: readonly StoredEvent[]): string[] {
  const moving: string[] = [];
  for (const [stream, own] of byStream(events)) {
    if (stream.startsWith("instance-")) {
      const { status } = fold(instance, own);
      if (passing.has(status)) moving.push(`${stream} is ${status}`);
    }
    if (stream.startsWith("usage-")) for (const id of fold(usage, own).open) moving.push(`${id} is open`);
  }
  return moving;
}

/** Lets the world calm down and everything come to its rest: what is unanswered is asked once more. */
export async function settle(simulation: Simulation): Promise<void> {
  const { scene, clients, ground } = simulation;
  const { clock, weather, people, trace } = scene;
  ground.look();
  weather.clear();
  people.ill.clear();
  trace.note("the weather clears");
  simulation.process.life.extinguish();
  await simulation.boot();
  for (const wish of clients.unanswered.splice(0)) clients.send(wish, simulation.process);
  await clock.run(tidyMs);
  const limit = clock.now() + patienceMs;
  for (let moving = await look(); moving.length > 0; moving = await look()) {
    if (clock.now() > limit) throw new Error(`after ${patienceMs / 3_600_000} quiet hours ${moving.join("; ")}`);
    await clock.run(60_000);
  }
  await clock.run(tidyMs);
  const { tail, readSide } = simulation.process.services;
  let reached: boolean | null = null;
  void readSide.waitFor(tail.head, 600_000).then((answer) => { reached = answer; });
  await clock.runUntil(() => reached !== null, 700_000, "the read models' catching up");
  ground.look();
  if (reached !== true) throw new Error(`the read models stay at ${await readSide.position()} while the log is at ${tail.head}: ${JSON.stringify(await readSide.status())}`);

  async function look(): Promise<string[]> {
    const open = clients.open > 0 ? [`${clients.open} requests without an answer`] : [];
    return [...open, ...unfinished(await wholeLog(scene.stores.events))];
  }
}
