import type { Ground } from "./ground.ts";
import type { Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import type { Place } from "./weather.ts";

const accidents = { exits: 3, "runs out of memory": 1, "is removed": 1, "is restarted by hand": 1, "falls ill": 3, "is well again": 4, "comes back": 5, "goes away": 2, "loses its image": 0.3 } as const;

/** Something happens to the world that nobody asked the application for. */
export function accident(scene: Scene, ground: Ground, random: Random): void {
  const { runtime, people, weather, trace } = scene;
  const what = random.weighted(accidents);
  const victim = random.pick([...runtime.containers.values()].filter(({ state }) => state !== "exited"))?.spec.instance_id;
  if (what === "goes away" || what === "comes back") return turn(scene, random, what);
  if (what === "loses its image") { runtime.images.clear(); return trace.note("the engine loses its images"); }
  if (what === "is well again") { people.ill.clear(); return trace.note("every agent is well again"); }
  if (victim === undefined || weather.calm) return;
  trace.note(`${victim.slice(-6)} ${what}`);
  if (what !== "falls ill") ground.struck(victim);
  if (what === "exits") runtime.crash(victim, random.int(0, 2));
  else if (what === "runs out of memory") runtime.crash(victim, 137, true);
  else if (what === "is removed") runtime.vanish(victim);
  else if (what === "is restarted by hand") runtime.restart(victim);
  else people.ill.add(random.chance(0.2) ? runtime.of(victim).at(-1)?.spec.env["AGENTHUB_AGENT_ID"] ?? victim : victim);
}

function turn({ weather, trace }: Scene, random: Random, what: "goes away" | "comes back"): void {
  if (weather.calm) return;
  if (what === "comes back") {
    for (const place of weather.away) trace.note(`${place} is back`);
    return weather.away.clear();
  }
  const place = random.weighted<Exclude<Place, "agent">>({ engine: 4, events: 1, models: 1, system: 1, metrics: 1 });
  weather.away.add(place);
  trace.note(`${place} goes away`);
}
