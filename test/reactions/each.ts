import { afterEach, beforeEach } from "@jest/globals";
import { usageStream } from "#domain/kernel/ids.ts";
import { closeWorld, createWorld, customer, Rig, type World } from "./rig.ts";

/** The world of the test that runs. */
export let world: World;
/** The process of the test that runs. */
export let rig: Rig;

/** Gives each test of the calling file a world of its own and one process in it. */
export function rigForEach(): void {
  beforeEach(async () => {
    world = await createWorld();
    rig = new Rig(world);
    await rig.start();
  });
  afterEach(async () => {
    await rig.stop();
    await closeWorld(world);
  });
}

/** Starts another process on the world of one that has crashed. */
export async function startAgain(): Promise<void> {
  rig = new Rig(world, "process-2");
  await rig.start();
}

/** The stream of an instance's usage on a day. */
export const usage = (id: string, day = "20260115"): string => usageStream(id, day);

/** Runs a task of the customer's. */
export const run = async (id: string, task: Partial<Parameters<Rig["tasks"]["start"]>[1]> = {}, key?: string) =>
  rig.tasks.start(id, { endpoint: "/analyze", parameters: { text: "hi" }, ...task }, rig.request(customer, key));
