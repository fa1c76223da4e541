import type { Ground } from "./ground.ts";
import type { Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import type { Place } from "./weather.ts";

const accidents = { exits: 3, "runs out of memory": 1, "is removed": 1, "is restarted by hand": 1, "falls ill": 3, "is well again": 4, "comes back": 5, "goes away": 2, "goes down": 0.5, "loses its image": 0.3 } as const;
type Mishap = Exclude<keyof typeof accidents, "is well again" | "comes back" | "goes away" | "goes down" | "loses its image">;

/** Something happens to the world that nobody asked the application for. */
export function accident(scene: Scene, ground: Ground, random: Random): void {
  const what = random.weighted(accidents);
  const victim = random.pick([...scene.runtime.containers.values()].filter(({ state }) => state !== "exited"))?.spec.instance_id;
  switch (what) {
    case "goes away": case "comes back": return turn(scene, random, what);
    case "goes down": return goDown(scene, ground, random);
    case "loses its image":
      scene.runtime.images.clear();
      return scene.trace.note("the engine loses its images");
    case "is well again":
      scene.people.ill.clear();
      return scene.trace.note("every agent is well again");
    default:
      if (victim !== undefined) hit(scene, ground, random, what, victim);
  }
}

/** The engine goes down and comes up again: nothing lives in it any more. */
export function goDown({ runtime, trace }: Scene, ground: Ground, random: Random): void {
  const how = random.chance(0.5) ? "stopped" : "lost power";
  trace.note(`the engine ${how}`);
  for (const { state, spec } of runtime.containers.values()) if (state === "running") ground.struck(spec.instance_id);
  ground.look();
  runtime.goDown(how);
}

function hit({ runtime, people, trace }: Scene, ground: Ground, random: Random, what: Mishap, victim: string): void {
  trace.note(`${victim.slice(-6)} ${what}`);
  if (what === "falls ill") {
    people.ill.add(random.chance(0.2) ? runtime.of(victim).at(-1)?.spec.env["AGENTHUB_AGENT_ID"] ?? victim : victim);
    return;
  }
  ground.struck(victim);
  if (what === "exits") runtime.crash(victim, random.int(0, 2));
  else if (what === "runs out of memory") runtime.crash(victim, 137, true);
  else if (what === "is removed") runtime.vanish(victim);
  else runtime.restart(victim);
}

function turn({ weather, trace }: Scene, random: Random, what: "goes away" | "comes back"): void {
  if (what === "comes back") {
    for (const place of weather.away) trace.note(`${place} is back`);
    return weather.away.clear();
  }
  const place = random.weighted<Exclude<Place, "agent">>({ engine: 4, events: 1, models: 1, system: 1, metrics: 1 });
  weather.away.add(place);
  trace.note(`${place} goes away`);
}
