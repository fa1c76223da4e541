import { describe, expect, it } from "@jest/globals";
import { createInstance } from "#commands/instance/create-instance.ts";
import { pauseInstance, resumeInstance, terminateInstance } from "#commands/instance/intents.ts";
import { recordFact } from "#commands/instance/record-fact.ts";
import * as e from "#domain/instance/events.ts";
import { instance } from "#domain/instance/instance.ts";
import { allows, lifecycleStage, statuses, transitions } from "#domain/instance/transitions.ts";
import { fold, given } from "../support/given.ts";
import { ids, requested } from "../support/facts.ts";

const it_ = { instance_id: ids.instance };
const started = e.instanceStarted({ ...it_, attempt: 1, address: "http://127.0.0.1:1" });
const running = [requested(), started];
const pausing = [...running, e.pauseRequested({ ...it_, reason: "requested" })];
const paused = [...pausing, e.instancePaused(it_)];
const stopping = [...running, e.terminationRequested({ ...it_, reason: "requested" })];
const stopped = [...stopping, e.instanceTerminated(it_)];

describe("an instance", () => {
  it("is requested once", () => given(instance, []).when(createInstance, requested().data).then([requested()]));

  it("records a start of what is starting", () => given(instance, [requested()]).when(recordFact, { fact: started }).then([started]));
  it("drops a start of what has ended", () => given(instance, stopped).when(recordFact, { fact: started }).thenNothing());

  it("pauses what runs", () => given(instance, running).when(pauseInstance, { ...it_, reason: "requested" }).then([e.pauseRequested({ ...it_, reason: "requested" })]));
  it("pauses what is paused without a fact", () => given(instance, paused).when(pauseInstance, { ...it_, reason: "requested" }).thenNothing());
  it("refuses to pause what is stopped", () => given(instance, stopped).when(pauseInstance, { ...it_, reason: "requested" }).thenRefused("invalid-state-transition"));
  it("refuses to pause what is unknown", () => given(instance, []).when(pauseInstance, { ...it_, reason: "requested" }).thenRefused("instance-not-found"));

  it("resumes what is paused", () => given(instance, paused).when(resumeInstance, { ...it_, reason: "requested" }).then([e.resumeRequested({ ...it_, reason: "requested" })]));
  it("resumes what runs without a fact", () => given(instance, running).when(resumeInstance, { ...it_, reason: "requested" }).thenNothing());
  it("refuses to resume what failed", () =>
    given(instance, [...running, e.instanceFailed({ ...it_, ran_until: "2026-11-01T00:00:00.000Z", reason: "crash-loop" })])
      .when(resumeInstance, { ...it_, reason: "requested" }).thenRefused("invalid-state-transition"));

  it("terminates from every live status", () => {
    for (const history of [[requested()], running, pausing, paused])
      given(instance, history).when(terminateInstance, { ...it_, reason: "requested" }).then([e.terminationRequested({ ...it_, reason: "requested" })]);
  });
  it("terminates what is stopped without a fact", () => given(instance, stopped).when(terminateInstance, { ...it_, reason: "requested" }).thenNothing());

  it("degrades and recovers only while it runs", () => {
    const degraded = e.healthDegraded({ ...it_, reason: "probe-failed" });
    given(instance, running).when(recordFact, { fact: degraded }).then([degraded]);
    given(instance, paused).when(recordFact, { fact: degraded }).thenNothing();
    given(instance, running).when(recordFact, { fact: e.healthRecovered(it_) }).thenNothing();
  });

  it("opens a day of usage once", () => {
    const opened = e.usageDayOpened({ ...it_, day: "20261101" });
    given(instance, running).when(recordFact, { fact: opened }).then([opened]);
  });

  it("counts against an agent no end that was its engine's", () => {
    const exited = (reason: string) => e.instanceExited({ ...it_, ran_until: "2026-11-01T00:00:00.000Z", out_of_memory: false, reason });
    expect(fold(instance, [...running, exited("container-exited")]).exits).toHaveLength(1);
    expect(fold(instance, [...running, exited(e.engineStopped)])).toMatchObject({ status: "restarting", exits: [] });
  });

  it("keeps why it failed", () => {
    const state = fold(instance, [requested(), e.instanceStartFailed({ ...it_, attempt: 1, reason: "image-not-found", detail: "no such image" })]);
    expect(state.status).toBe("failed");
    expect(state.failure).toEqual({ reason: "image-not-found", detail: "no such image" });
  });
});

describe("the transition table", () => {
  it("leads from every status but the last ones to stopping", () => {
    const ends = new Set(["none", "stopping", "stopped", "rejected"]);
    for (const status of statuses) expect(allows(status, "TerminationRequested")).toBe(!ends.has(status));
  });
  it("names a stage for every status", () => {
    for (const status of statuses) expect(lifecycleStage(status)).toMatch(/^(instantiation|active|paused|termination|terminated)$/);
  });
  it("lets no event leave stopped or rejected", () => {
    for (const { from } of Object.values(transitions)) expect(from).not.toEqual(expect.arrayContaining(["stopped"]));
  });
});
