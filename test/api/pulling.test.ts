import { expect, test } from "@jest/globals";
import { startTestApp } from "#test/support/app.ts";
import { until } from "#test/support/until.ts";

test("an instance that waits for its image tells how far the pull is, and no more when it runs", async () => {
  const app = await startTestApp();
  const { runtime } = app.world;
  try {
    const agent_id = await app.registerAgent();
    const gate = Promise.withResolvers<void>();
    const pull = runtime.pull.bind(runtime);
    runtime.images.clear();
    runtime.pull = async (image, options) => {
      options.onProgress?.({ image, done_bytes: 10, total_bytes: 100, percent: 10 });
      await gate.promise;
      return pull(image, options);
    };
    const created = await app.call("POST", "/marketplace/instances", { body: { agent_id }, headers: { prefer: "respond-async" } });
    expect([created.status, created.headers.get("location")]).toEqual([202, `/marketplace/instances/${created.body.instance_id as string}`]);
    expect(created.body).toMatchObject({ status: "starting", lifecycle_stage: "instantiation", message: "The instance is starting." });
    const path = `/marketplace/instances/${created.body.instance_id as string}`;
    await until(async () => (await app.call("GET", path)).body.pull_progress !== undefined);
    expect((await app.call("GET", path)).body).toMatchObject({ status: "starting", pull_progress: { done_bytes: 10, total_bytes: 100, percent: 10 }, billing_info: { total_cost: 0 } });
    gate.resolve();
    await until(async () => (await app.call("GET", path)).body.status === "running");
    expect((await app.call("GET", path)).body.pull_progress).toBeUndefined();
  } finally {
    await app.close();
  }
});
