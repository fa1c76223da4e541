import { expect, test } from "@jest/globals";
import type { ReadModels } from "#projections/ports.ts";

/** What every read model store must do for those who project into it. */
export function checkpointsContract(of: () => ReadModels): void {
  test("a checkpoint moves in its epoch, and a former owner's is refused", async () => {
    const store = of();
    const name = "checkpoint";
    const at = { name, position: "10", store_id: "s1", epoch: 2 };
    expect(await store.checkpoint(name)).toBeNull();
    expect(await store.saveCheckpoint(at)).toBe(true);
    expect(await store.saveCheckpoint({ ...at, position: "20" })).toBe(true);
    expect(await store.saveCheckpoint({ ...at, position: "30", epoch: 1 })).toBe(false);
    expect(await store.checkpoint(name)).toEqual({ ...at, position: "20" });
    expect(await store.saveCheckpoint({ name, position: "", store_id: "s2", epoch: 3 })).toBe(true);
    expect(await store.saveCheckpoint({ ...at, position: "40" })).toBe(false);
    expect(await store.checkpoint(name)).toEqual({ name, position: "", store_id: "s2", epoch: 3 });
  });

  test("owners that race with their epochs leave the highest one's checkpoint", async () => {
    const store = of();
    const name = "raced";
    await Promise.all(Array.from({ length: 16 }, (_, epoch) => store.saveCheckpoint({ name, position: `p${epoch}`, store_id: "s", epoch })));
    expect(await store.checkpoint(name)).toEqual({ name, position: "p15", store_id: "s", epoch: 15 });
  });
}
