import type { Clock } from "#commands/ports.ts";
import { MortalClock } from "#test/support/manual-clock.ts";
import type { Random } from "./random.ts";
import type { Place, Weather } from "./weather.ts";

/** What nobody answers any more. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** One process of the application from its start to its death. Once it is dead nothing of it has any effect. */
export class Life {
  readonly clock: MortalClock;
  readonly died: Promise<void>;
  /** Where it died. */
  epitaph = "";
  #alive = true;
  #fuse: number | null = null;
  #die: () => void = () => undefined;
  readonly #weather: Weather;
  readonly #random: Random;
  readonly #ends: (() => void)[] = [];

  constructor(clock: Clock, weather: Weather, random: Random) {
    this.clock = new MortalClock(clock);
    this.#weather = weather;
    this.#random = random;
    this.died = new Promise((resolve) => { this.#die = resolve; });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Dies at the port call of this number from now. */
  light(calls: number): void {
    this.#fuse = calls;
  }

  extinguish(): void {
    this.#fuse = null;
  }

  /** Runs when the process dies. */
  onDeath(end: () => void): void {
    this.#ends.push(end);
  }

  kill(epitaph = "killed"): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.epitaph = epitaph;
    this.clock.kill();
    for (const end of this.#ends) end();
    this.#die();
  }

  /** One call through a port: the process may die before it or after it took effect, the weather may spoil it. */
  async pass<T>(place: Place, verb: string, call: () => Promise<T>): Promise<T> {
    if (!this.#alive) return never();
    const lastCall = this.#burn();
    const fate = this.#weather.fateOf(place, verb);
    if (fate.delayMs > 0) await new Promise<void>((resolve) => { this.clock.after(fate.delayMs, resolve); });
    if (!this.#alive) return never();
    if (lastCall && this.#random.chance(0.5)) return this.#end(`before ${place} ${verb}`);
    if (fate.before !== null) throw fate.before;
    const result = await call();
    if (!this.#alive) return never();
    if (lastCall) return this.#end(`after ${place} ${verb}`);
    if (fate.after !== null) throw fate.after;
    return result;
  }

  #burn(): boolean {
    if (this.#fuse === null) return false;
    this.#fuse -= 1;
    if (this.#fuse > 0) return false;
    this.#fuse = null;
    return true;
  }

  #end<T>(where: string): Promise<T> {
    this.kill(where);
    return never();
  }
}
