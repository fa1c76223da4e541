import { describe, expect, it } from "@jest/globals";
import { recordFact } from "#commands/instance/record-fact.ts";
import { rig, rigForEach, run, usage, world } from "./each.ts";

rigForEach();

describe("a task", () => {
  it("is admitted, done, stored and recorded, and its day is on the instance's roster", async () => {
    const id = await rig.running("standard");
    const { task_id, finished } = await run(id);
    const { view } = await finished;
    expect(view).toMatchObject({ task_id, instance_id: id, status: "completed", result: { echo: { text: "hi" } } });
    expect(await rig.types(usage(id))).toEqual(["TaskAdmitted", "TaskSucceeded"]);
    expect((await rig.state(id)).usage_days).toEqual(["20260115"]);
    expect(await rig.tasks.result(task_id)).toEqual({ echo: { text: "hi" } });
    await world.clock.run(25 * 3_600_000);
    expect(await rig.tasks.result(task_id)).toBeUndefined();
  });

  it("is refused without an instance, on one that does not run, and on an endpoint that is not declared", async () => {
    const id = await rig.running("standard", { endpoints: [{ path: "/known", method: "GET", timeout: 7 }] });
    await expect(run("instance-00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({ code: "instance-not-found" });
    await expect(run(id, { endpoint: "/other" })).rejects.toMatchObject({ code: "unknown-endpoint" });
    await expect(run(id, { endpoint: "/../etc" })).rejects.toMatchObject({ code: "invalid-endpoint-path" });
    await (await run(id, { endpoint: "/known", timeout_s: 60 })).finished;
    expect(rig.http.executed[0]).toMatchObject({ method: "GET", timeout_ms: 7_000 });
    await rig.instances.pause(id, rig.request());
    await expect(run(id, { endpoint: "/known" })).rejects.toMatchObject({ code: "instance-not-running" });
  });

  it("fails with the agent's reason", async () => {
    const id = await rig.running("standard");
    rig.http.behave = () => Promise.reject(new Error("no such model"));
    const { view } = await (await run(id)).finished;
    expect(view).toMatchObject({ status: "failed", failure: { code: "agent-failed", detail: "no such model", upstream_status: 500 } });
    expect(await rig.types(usage(id))).toEqual(["TaskAdmitted", "TaskFailed"]);
  });

  it("hands on what the agent said of its failure, and keeps it for a day, but in no event", async () => {
    const id = await rig.running("standard");
    rig.http.behave = () => Promise.reject(new Error("the agent failed", { cause: { error: "text must be a string" } }));
    const { task_id, finished } = await run(id);
    expect((await finished).view).toMatchObject({ status: "failed", failure: { code: "agent-failed", upstream_body: { error: "text must be a string" } } });
    expect(await rig.tasks.upstreamBody(task_id)).toEqual({ error: "text must be a string" });
    expect(JSON.stringify(await world.store.read(usage(id)))).not.toContain("must be a string");
    await world.clock.run(25 * 3_600_000);
    expect(await rig.tasks.upstreamBody(task_id)).toBeUndefined();
  });

  it("times out, even with an agent that does not listen to its cancellation", async () => {
    const id = await rig.running("standard");
    rig.http.behave = () => new Promise(() => undefined);
    const { finished } = await run(id, { timeout_s: 5 });
    await world.clock.run(5_000);
    const { view } = await finished;
    expect(view).toMatchObject({ status: "timed_out", failure: { code: "agent-timeout", detail: "The agent gave no result within 5 s." }, execution_ms: 5_000 });
    expect(await rig.types(usage(id))).toEqual(["TaskAdmitted", "TaskTimedOut"]);
  });

  it("fails when its result is over 1 MiB, and nothing of it is kept", async () => {
    const id = await rig.running("standard");
    rig.http.behave = () => Promise.resolve("x".repeat(2 ** 20 + 1));
    const { task_id, finished } = await run(id);
    expect((await finished).view).toMatchObject({ status: "failed", failure: { code: "agent-response-too-large" } });
    expect(await rig.tasks.result(task_id)).toBeUndefined();
  });

  it("can be cancelled", async () => {
    const id = await rig.running("standard");
    rig.http.behave = rig.http.taking(60_000);
    const { task_id, finished } = await run(id, { timeout_s: 100 });
    await rig.tasks.cancel(task_id, id, rig.request());
    expect((await finished).view.status).toBe("cancelled");
    expect(await rig.types(usage(id))).toEqual(["TaskAdmitted", "TaskCancelled"]);
    await expect(rig.tasks.cancel("task-20260115-00000000-0000-4000-8000-000000000000", id, rig.request())).rejects.toMatchObject({ code: "task-not-found" });
  });
});

describe("the same request again", () => {
  it("joins the task that runs, and afterwards answers its result, once done and once charged", async () => {
    const id = await rig.running("standard");
    rig.http.behave = rig.http.taking(1_000, "answer");
    const [first, second] = [await run(id, {}, "key"), await run(id, {}, "key")];
    expect(second.task_id).toBe(first.task_id);
    await world.clock.run(1_000);
    expect((await second.finished).view).toEqual((await first.finished).view);
    const third = await run(id, {}, "key");
    expect((await third.finished).view).toMatchObject({ task_id: first.task_id, status: "completed", result: "answer" });
    expect(third.created_at).toBe(first.created_at);
    expect(await rig.types(usage(id))).toEqual(["TaskAdmitted", "TaskSucceeded"]);
  });

  it("is known after midnight, and after the instance has ended", async () => {
    const id = await rig.running("standard");
    await world.clock.run(Date.parse("2026-01-15T23:59:59.000Z") - world.clock.now());
    const first = await run(id, {}, "key");
    await first.finished;
    await world.clock.run(2_000);
    expect((await run(id, {}, "key")).task_id).toBe(first.task_id);
    await rig.instances.terminate(id, "requested", rig.request());
    await rig.until(id, ({ status }) => status === "stopped");
    expect((await (await run(id, {}, "key")).finished).view).toMatchObject({ task_id: first.task_id, status: "completed" });
  });

  it("tells a failure again as it was", async () => {
    const id = await rig.running("standard");
    rig.http.behave = () => Promise.reject(new Error("no such model"));
    await (await run(id, {}, "key")).finished;
    expect((await (await run(id, {}, "key")).finished).view.failure).toMatchObject({ code: "agent-failed", detail: "no such model" });
  });
});

describe("pausing and ending under load", () => {
  it("lets a task end within 10 s of the pause, then freezes", async () => {
    const id = await rig.running("docker");
    rig.http.behave = rig.http.taking(8_000);
    const { finished } = await run(id);
    await rig.instances.pause(id, rig.request());
    await world.clock.run(7_000);
    expect([(await rig.state(id)).status, world.runtime.of(id)[0]?.state]).toEqual(["pausing", "running"]);
    await rig.until(id, ({ status }) => status === "paused");
    expect((await finished).view.status).toBe("completed");
  });

  it("cancels what takes longer, 10 s after the pause and 30 s after the termination", async () => {
    const id = await rig.running("docker");
    rig.http.behave = rig.http.taking(100_000);
    const { finished } = await run(id, { timeout_s: 200 });
    await rig.instances.pause(id, rig.request());
    await rig.until(id, ({ status }) => status === "paused", 11_000);
    expect((await finished).view).toMatchObject({ status: "cancelled", execution_ms: 10_000 });
    await rig.instances.resume(id, rig.request());
    await rig.until(id, ({ status }) => status === "running");
    const second = await run(id, { timeout_s: 200 });
    await rig.instances.terminate(id, "requested", rig.request());
    await rig.until(id, ({ status }) => status === "stopped", 31_000);
    expect((await second.finished).view).toMatchObject({ status: "cancelled", execution_ms: 30_000 });
  });

  it("waits for the tasks of today though late reports opened earlier days since", async () => {
    const id = await rig.running("docker");
    rig.http.behave = rig.http.taking(8_000);
    const { finished } = await run(id);
    for (const day of ["20260113", "20260114"])
      await rig.executor.execute(recordFact, { fact: { type: "UsageDayOpened", data: { instance_id: id, day } } }, rig.request());
    await rig.instances.pause(id, rig.request());
    await world.clock.run(7_000);
    expect((await rig.state(id)).status).toBe("pausing");
    await rig.until(id, ({ status }) => status === "paused");
    expect((await finished).view.status).toBe("completed");
  });

  it("cancels a task whose admission crossed the intent to pause", async () => {
    const id = await rig.running("standard");
    await (await run(id)).finished;
    const [, task] = await Promise.all([rig.instances.pause(id, rig.request()), run(id)]);
    expect((await task.finished).view.status).toBe("cancelled");
    expect(rig.http.executed).toHaveLength(1);
  });
});
