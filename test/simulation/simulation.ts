import { openAccount } from "#commands/account/open-account.ts";
import { accident, goDown } from "./accidents.ts";
import { Books } from "./books.ts";
import type { BreakageName } from "./breakage.ts";
import { Clients, type Wish } from "./clients.ts";
import { Ground } from "./ground.ts";
import { Process } from "./process.ts";
import type { Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import { change, deregister, keys, type Makings, register } from "./wishes.ts";
import { cancel, create, execute, intend, report, reportAgain } from "./wishes-instances.ts";

/** What a run is. */
export interface Plan {
  readonly seed: number;
  readonly steps: number;
  readonly breakage?: BreakageName | null;
  readonly onStep?: (step: number) => void;
  readonly onLine?: (line: string) => void;
}

const wishes = {
  register: [5, register], change: [3, change], deregister: [1, deregister], keys: [1, keys], create: [9, create],
  pause: [6, intend("pause")], resume: [7, intend("resume")], terminate: [3, intend("terminate")],
  execute: [18, execute], cancel: [2, cancel], report: [7, report], reportAgain: [5, reportAgain],
} as const satisfies Record<string, readonly [number, (makings: Makings) => Wish | null]>;
type WishName = keyof typeof wishes;
const weights = Object.fromEntries(Object.entries(wishes).map(([name, [weight]]) => [name, weight])) as Record<WishName, number>;
const bootMs = 600_000;

/** A run of the whole application against everything that can happen to it. */
export class Simulation {
  readonly scene: Scene;
  readonly books = new Books();
  readonly clients: Clients;
  readonly ground: Ground;
  process: Process;
  processes = 0;
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #makings: Makings;

  constructor(scene: Scene, plan: Plan) {
    this.scene = scene;
    this.#plan = plan;
    this.#random = scene.random;
    this.clients = new Clients(scene, this.books);
    this.ground = new Ground(scene);
    this.process = this.#next();
    const account = (name: string) => `account-${this.process.ids.named(name)}`;
    let keyed = 0;
    this.#makings = {
      scene, random: this.#random, books: this.books, publishers: [account("publisher 1"), account("publisher 2")], customers: [account("customer 1"), account("customer 2")],
      key: () => (this.#random.chance(0.6) ? `key-${keyed += 1}` : undefined),
    };
    if (plan.onLine !== undefined) scene.trace.listener = plan.onLine;
  }

  /** Lives through the steps; throws what is wrong. */
  async live(): Promise<void> {
    await this.boot();
    await this.#openAccounts();
    for (let step = 1; step <= this.#plan.steps; step += 1) {
      this.scene.trace.step = step;
      this.#plan.onStep?.(step);
      await this.#step();
      const found = this.found();
      if (found.length > 0) throw new Broken(found);
    }
  }

  /** What went wrong so far, as far as it shows while things move. */
  found(): string[] {
    return [...this.clients.unexpected, ...this.books.contradictions, ...[...this.ground.doubled].map((id) => `${id} has two containers that live`)];
  }

  /** Starts processes until one is up. */
  async boot(): Promise<void> {
    for (let attempt = 1; !this.process.started; attempt += 1) {
      if (!this.process.life.alive) this.process = this.#next();
      const { process } = this;
      let outcome = "";
      void process.start().then(() => { outcome = "up"; }, (error: unknown) => { outcome = String(error); });
      await this.scene.clock.runUntil(() => outcome !== "" || !process.life.alive, bootMs, "the start of a process");
      if (outcome === "up" || !process.life.alive) continue;
      // Somebody who sees that it does not start looks after what it needs.
      if (attempt === 5) this.scene.weather.away.clear();
      process.life.kill(`could not start: ${outcome}`);
      this.scene.trace.note(`process ${this.processes} ${process.life.epitaph}`);
      await this.scene.clock.run(this.#random.int(100, 5_000));
    }
    this.scene.trace.note(`process ${this.processes} is up`);
  }

  /** Stops the process as a signal does, and starts another. */
  async restart(): Promise<void> {
    const { process } = this;
    let stopped = false;
    void process.stop().then(() => { stopped = true; }, (error: unknown) => { this.clients.unexpected.push(`the stop failed: ${String(error)}`); stopped = true; });
    await this.scene.clock.runUntil(() => stopped || !process.life.alive, bootMs, "the end of a process");
    process.life.kill("stopped");
    this.scene.trace.note(`process ${this.processes} stopped`);
  }

  #next(): Process {
    this.processes += 1;
    return new Process(this.scene, this.processes);
  }

  async #openAccounts(): Promise<void> {
    const { process } = this;
    const open = async (account_id: string, role: "publisher" | "customer") => {
      const key = { key_id: `key-${account_id.slice(-6)}`, key_hash: account_id, hint: "ah_1..." };
      await process.services.executor.execute(openAccount, { account_id, name: role, roles: [role], currency: "USD", key }, process.request(account_id));
    };
    this.scene.weather.calm = true;
    for (const id of this.#makings.publishers) await open(id, "publisher");
    for (const id of this.#makings.customers) await open(id, "customer");
    this.scene.weather.calm = false;
  }

  async #step(): Promise<void> {
    const random = this.#random;
    if (!this.process.life.alive) await this.#revive();
    await this.#strike();
    if (random.chance(0.15)) accident(this.scene, this.ground, random);
    if (random.chance(0.1)) this.scene.weather.away.clear();
    if (this.process.life.alive && random.chance(0.005)) this.#rebuild();
    for (let sent = random.int(0, 2); sent > 0 && this.process.life.alive; sent -= 1) this.#wish();
    await this.scene.clock.run(this.#pause());
  }

  async #revive(): Promise<void> {
    this.scene.trace.note(`process ${this.processes} died ${this.process.life.epitaph}`);
    if (this.#random.chance(0.3)) await this.scene.clock.run(this.#random.int(1, 120_000));
    await this.boot();
    if (this.#random.chance(0.1)) this.process.life.light(this.#random.int(1, 60));
  }

  async #strike(): Promise<void> {
    const fate = this.#random.weighted({ spared: 93, fuse: 4, killed: 1, stopped: 1, rebooted: 1 });
    if (fate === "fuse") this.process.life.light(this.#random.int(1, 80));
    else if (fate === "killed") this.process.life.kill("by kill -9");
    else if (fate === "stopped") await this.restart();
    else if (fate === "rebooted") {
      this.process.life.kill("with its host");
      goDown(this.scene, this.ground, this.#random);
    }
  }

  #wish(): void {
    const unanswered = this.clients.unanswered;
    if (unanswered.length > 0 && this.#random.chance(0.4)) {
      const [again] = unanswered.splice(this.#random.int(0, unanswered.length - 1), 1);
      if (again !== undefined) return this.clients.send(again, this.process);
    }
    const [, make] = wishes[this.#random.weighted(weights)];
    const wish = make(this.#makings);
    if (wish === null) return;
    this.clients.send(wish, this.process);
    if (make === report && this.#random.chance(0.2)) this.clients.send(reportAgain(this.#makings) ?? wish, this.process);
    // A client that heard nothing for a while, or one that uses a key for something else.
    if (wish.key !== undefined && this.#random.chance(0.15)) unanswered.push(this.#random.chance(0.3) ? { ...wish, changed: true } : wish);
  }

  #rebuild(): void {
    const name = this.#random.one(["agents", "instances", "instance-billing", "tasks"]);
    this.scene.trace.note(`rebuilds ${name}`);
    void this.process.services.readSide.rebuild(name).catch((error: unknown) => { this.scene.trace.note(`the rebuild ended: ${String(error)}`); });
  }

  #pause(): number {
    const random = this.#random;
    const length = random.weighted({ none: 3, short: 8, medium: 3, long: 0.5, night: 0.05 });
    const most = { none: 0, short: 3_000, medium: 40_000, long: 300_000, night: 7_200_000 }[length];
    return random.int(0, most);
  }
}

/** What is wrong, found while it ran. */
export class Broken extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}
