import { readConfig } from "#app/config.ts";
import type { Credentials } from "#app/credentials.ts";
import { openStores, type Stores } from "#app/stores.ts";
import type { Clock } from "#commands/ports.ts";
import { newApiKey } from "#infra/secrets/api-key.ts";
import type { AgentRequest } from "#reactions/ports.ts";
import { SimulatedRuntime } from "#test/support/simulated-runtime.ts";
import { ManualClock } from "#test/support/manual-clock.ts";
import { Breakage, type BreakageName } from "./breakage.ts";
import { Random } from "./random.ts";
import { Trace } from "./trace.ts";
import { Weather } from "./weather.ts";

/** The images that the simulated registry serves. */
export const images = ["sim/echo:1", "sim/echo:2", "sim/other:1"] as const;

/** How an agent does a task, as its parameters ask for it. */
export interface Errand {
  readonly does: "answer" | "fail" | "hang" | "ignore";
  readonly ms: number;
}

/** The agents: what ails them and how they work. */
class People {
  /** Instances and agents that give no answer. */
  readonly ill = new Set<string>();

  work(clock: Clock, request: AgentRequest, signal: AbortSignal): Promise<unknown> {
    const { does, ms } = request.parameters as Errand;
    return new Promise((resolve, reject) => {
      if (does !== "ignore") signal.addEventListener("abort", () => { reject(new Error("stopped")); }, { once: true });
      if (does === "hang" || does === "ignore") return;
      clock.after(ms, () => { if (does === "answer") resolve({ done: request.task_id }); else reject(new Error("cannot do it")); });
    });
  }
}

/** Everything that outlives a process of the application. */
export interface Scene {
  readonly clock: ManualClock;
  readonly random: Random;
  readonly weather: Weather;
  readonly stores: Stores;
  readonly breakage: Breakage;
  readonly runtime: SimulatedRuntime;
  readonly people: People;
  readonly credentials: Credentials;
  readonly monitorInterval: string;
  readonly trace: Trace;
}

const starts = ["2026-01-31T22:30:00.000Z", "2026-02-28T23:40:00.000Z", "2026-03-10T10:00:00.000Z", "2026-06-30T23:55:00.000Z"] as const;

/** Sets the scene of a seed. */
export async function openScene(seed: number, breakage: BreakageName | null): Promise<Scene> {
  const random = new Random(seed);
  const clock = new ManualClock(random.one<string>([...starts]));
  const runtime = new SimulatedRuntime(clock, "docker");
  for (const image of images) runtime.publish(image);
  const key = (letter: string) => newApiKey((bytes) => Buffer.alloc(bytes, letter)).key;
  return {
    clock, random, runtime, stores: await openStores(readConfig({ AGENTHUB_DATA_DIR: ":memory:" })),
    weather: new Weather(random.fork(), random.one([0, 0.3, 1, 1])), breakage: new Breakage(breakage), people: new People(),
    credentials: { secret_key: "5".repeat(64), admin_key: key("a"), publisher_key: key("p"), customer_key: key("c") },
    monitorInterval: random.one(["30s", "120s"]), trace: new Trace(() => clock.iso()),
  };
}
