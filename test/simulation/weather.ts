import { OutcomeUnknown, Unavailable } from "#commands/ports.ts";
import { RuntimeError } from "#reactions/ports.ts";
import { engineAway } from "#test/support/simulated-runtime.ts";
import type { Random } from "./random.ts";

/** What the application reaches through its ports. */
export type Place = "events" | "models" | "system" | "metrics" | "engine" | "agent";

/** What a fault of the simulation looks like where the port has no error of its own. */
class InjectedFault extends Error {
  override readonly name = "InjectedFault";
}

/** What becomes of one call: how long it takes, whether it takes effect and whether its answer arrives. */
export interface Fate {
  readonly delayMs: number;
  readonly before: Error | null;
  readonly after: Error | null;
}

const smooth: Fate = { delayMs: 0, before: null, after: null };
const effects: ReadonlySet<string> = new Set(["append", "write", "put", "start", "stop", "remove", "pause", "resume", "pull", "saveCheckpoint"]);
const slowness: Readonly<Record<Place, readonly [probability: number, mostMs: number]>> = {
  events: [0.15, 30], models: [0.05, 20], system: [0.05, 20], metrics: [0, 0], engine: [0.4, 1_500], agent: [0.4, 400],
};

/** The faults of the world: calls that fail, get lost or take long, and parts that are away for a while. */
export class Weather {
  /** Nothing fails any more and nothing is slow. */
  calm = false;
  readonly away = new Set<Place>();
  readonly #random: Random;
  /** How rough this run is, from 0 to 1. */
  readonly #roughness: number;

  constructor(random: Random, roughness: number) {
    this.#random = random;
    this.#roughness = roughness;
  }

  /** Everything is well from here on. */
  clear(): void {
    this.calm = true;
    this.away.clear();
  }

  fateOf(place: Place, verb: string): Fate {
    if (this.calm) return smooth;
    const delayMs = this.#delay(place);
    if (this.away.has(place)) return { delayMs, before: absent(place), after: null };
    if (!this.#random.chance(0.03 * this.#roughness)) return { delayMs, before: null, after: null };
    if (effects.has(verb) && this.#random.chance(0.6)) return this.#lostAnswer(place, verb, delayMs);
    return { delayMs, before: this.#refusal(place, verb), after: null };
  }

  #delay(place: Place): number {
    const [probability, mostMs] = slowness[place];
    if (!this.#random.chance(probability)) return 0;
    // Long enough, now and then, for every deadline to pass.
    return this.#random.int(1, this.#random.chance(0.02 * this.#roughness) ? mostMs * 60 : mostMs);
  }

  // Nobody who waits for the answer can tell the two apart.
  #lostAnswer(place: Place, verb: string, delayMs: number): Fate {
    const error = verb === "append" ? new OutcomeUnknown("the answer was lost") : absent(place);
    return this.#random.chance(0.5) ? { delayMs, before: error, after: null } : { delayMs, before: null, after: error };
  }

  #refusal(place: Place, verb: string): Error {
    const stubborn = place === "engine" && (verb === "pause" || verb === "stop" || verb === "remove" || verb === "start");
    return stubborn && this.#random.chance(0.6) ? new RuntimeError("container-failed", "The engine does not want to") : absent(place);
  }
}

function absent(place: Place): Error {
  if (place === "events") return new Unavailable("the event store is away");
  return place === "engine" ? engineAway() : new InjectedFault(`${place} cannot be reached`);
}

const tolerated = new Set(["Refusal", "Unavailable", "OutcomeUnknown", "RuntimeError", "InjectedFault", "Problem"]);

/** Whether an error is one that the application may answer with. */
export const isExpected = (error: unknown): error is Error => error instanceof Error && tolerated.has(error.name);
