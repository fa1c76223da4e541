import { describe, expect, it } from "@jest/globals";
import type { InstanceEvent, InstanceRequest } from "#domain/instance/events.ts";
import { instance, type InstanceState } from "#domain/instance/instance.ts";
import { type Action, type Facts, nextAction } from "#reactions/next-action.ts";
import type { ObservedContainer } from "#reactions/ports.ts";

const now = Date.parse("2026-01-15T10:00:00.000Z");
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

const request = (type: "docker" | "standard"): InstanceRequest => ({
  instance_id: "instance-00000000-0000-4000-8000-000000000001", agent_id: "agent-00000000-0000-4000-8000-000000000002", agent_name: "a",
  publisher_id: "account-00000000-0000-4000-8000-00000000000a", customer_id: "account-00000000-0000-4000-8000-00000000000b",
  release: {
    version: "1", type, protocol: "http", endpoints: [], health_path: "/health", max_instances: 1, resources: { memory_bytes: 1, cpu: "1" }, content_hash: "h",
    ...(type === "docker" ? { docker: { image: "i", image_digest: "i@d", port: 1, env_names: [], configurable_env: [], pull: "missing" as const, stop_grace: 1 } } : { endpoint: "https://a.example" }),
  },
  price: { type: "per_hour", currency: "USD", base_price: "0", base_period: "once", price_per_request: "0", price_per_minute: "0", price_per_hour: "1", increment_s: 1 },
  resources: { memory_bytes: 1, cpu: "1" }, config: { env_names: [], labels: {} }, engine: type === "docker" ? "e" : "none",
});

interface Case {
  readonly status: InstanceState["status"];
  readonly type?: "docker" | "standard";
  readonly state?: Partial<InstanceState>;
  readonly container?: Partial<ObservedContainer> | null;
  readonly facts?: Partial<Facts>;
}

function step({ status, type = "docker", state = {}, container = null, facts = {} }: Case): Action {
  const folded: InstanceState = { ...instance.initial(), status, request: request(type), since: ago(1), attempt: status === "starting" ? 0 : 1, clock_from: ago(100), ...state };
  const seen: ObservedContainer | null = container && {
    container_id: "c", instance_id: "i", attempt: 1, state: "running", created_at: ago(200), started_at: ago(200), finished_at: null, exit_code: null,
    out_of_memory: false, address: "http://a", ...container,
  };
  return nextAction(folded, seen, now, { slotHeld: true, openTasks: 0, connected: true, image: "ready", startMs: 120_000, lastBad: null, lastGood: null, provenStart: null, ...facts });
}

function act(given: Case): string {
  const action = step(given);
  const told = ({ type: name, data }: InstanceEvent): string => `${name}${"reason" in data ? ` ${data.reason}` : ""}`;
  if (action.do === "record") return [action.fact, ...(action.also === undefined ? [] : [action.also])].map(told).join(", ");
  if (action.do === "prove") return `prove ${action.then} ${action.attempt}`;
  if (action.do === "start") return `start ${action.attempt}`;
  return action.do === "wait" ? `wait ${action.ms}` : action.do;
}

const exited = { state: "exited" as const, finished_at: ago(1), exit_code: 1 };
const withEngine = { ...exited, ended_with_engine: true };
const crash = [ago(1)];
const missing = { reason: "image-not-found", detail: "none" };

describe("the one next step", () => {
  it.each<[string, Case, string]>([
    ["a slot comes first", { status: "starting", facts: { slotHeld: false } }, "reserve-slot"],
    ["then the image", { status: "starting", facts: { image: "unknown" } }, "pull"],
    ["a pull is waited for outside the queue", { status: "starting", facts: { image: "pulling" } }, "nothing"],
    ["an image that cannot be had ends the start", { status: "starting", facts: { image: missing } }, "InstanceStartFailed image-not-found"],
    ["then the container", { status: "starting" }, "start 1"],
    ["a container that was created only is started", { status: "starting", container: { state: "created", started_at: null } }, "start 1"],
    ["a running container must prove itself", { status: "starting", container: { started_at: ago(119) } }, "prove InstanceStarted 1"],
    ["for 120 s", { status: "starting", container: { started_at: ago(120) } }, "InstanceStartFailed start-timeout"],
    ["or as long as the operator says", { status: "starting", container: { started_at: ago(20) }, facts: { startMs: 20_000 } }, "InstanceStartFailed start-timeout"],
    ["a container that ended ends the start", { status: "starting", container: exited }, "InstanceStartFailed container-exited"],
    ["but not one whose engine stopped: it gets another try", { status: "starting", container: withEngine }, "start 2"],
    ["of which the container may be there already", { status: "starting", container: { attempt: 2, state: "created", started_at: null } }, "start 2"],
    ["a standard agent only proves itself", { status: "starting", type: "standard" }, "prove InstanceStarted 1"],
    ["for 120 s too", { status: "starting", type: "standard", state: { since: ago(120) } }, "InstanceStartFailed start-timeout"],

    ["what runs is left alone", { status: "running", container: {} }, "nothing"],
    ["a lost connection is opened again", { status: "running", container: {}, facts: { connected: false } }, "reconnect"],
    ["an exit is recorded", { status: "running", container: exited }, "InstanceExited container-exited"],
    ["an engine that stopped is named", { status: "running", container: withEngine }, "InstanceExited engine-stopped"],
    ["memory is named", { status: "running", container: { ...exited, out_of_memory: true } }, "InstanceExited out-of-memory"],
    ["a container that vanished is an exit", { status: "running" }, "InstanceExited container-vanished"],
    ["another start time is an exit", { status: "running", container: {}, facts: { provenStart: ago(500) } }, "InstanceExited container-restarted"],
    ["the same start time proves that it ran", { status: "running", container: {}, facts: { provenStart: ago(200) } }, "nothing"],
    ["a container frozen by hand goes on", { status: "running", container: { state: "paused" } }, "unfreeze"],

    ["a restart waits", { status: "restarting", state: { exits: crash, since: ago(0) }, container: exited }, "wait 1000"],
    ["then takes the next attempt", { status: "restarting", state: { exits: crash }, container: exited }, "start 2"],
    ["also without the old container", { status: "restarting", state: { exits: crash } }, "start 2"],
    ["an old container that runs again is removed first", { status: "restarting", state: { exits: crash }, container: {} }, "remove"],
    ["the new one must prove itself", { status: "restarting", state: { exits: crash }, container: { attempt: 2, started_at: ago(1) } }, "prove InstanceRestarted 2"],
    ["and is stopped when it cannot", { status: "restarting", state: { exits: crash }, container: { attempt: 2, started_at: ago(120) } }, "stop"],
    ["the fifth exit is the last", { status: "restarting", state: { exits: [5, 4, 3, 2, 1].map(ago) }, container: exited }, "InstanceFailed crash-loop"],
    ["a restart that the engine broke off is none", { status: "restarting", state: { exits: [4, 3, 2, 1].map(ago), since: ago(90) }, container: { ...withEngine, attempt: 2, finished_at: ago(60) } }, "start 3"],
    ["old exits do not count", { status: "restarting", state: { exits: [900, 800, 700, 600, 1].map(ago) }, container: exited }, "start 2"],
    ["an image that is gone ends it", { status: "restarting", state: { exits: crash }, facts: { image: missing } }, "InstanceFailed image-not-found"],

    ["a pause waits for tasks", { status: "pausing", container: {}, facts: { openTasks: 1 } }, "wait 14000"],
    ["for the grace", { status: "pausing", container: {}, facts: { openTasks: 1 }, state: { since: ago(15) } }, "freeze"],
    ["then freezes", { status: "pausing", container: {} }, "freeze"],
    ["what is frozen is paused", { status: "pausing", container: { state: "paused" } }, "InstancePaused"],
    ["a standard agent is paused by no longer talking to it", { status: "pausing", type: "standard" }, "InstancePaused"],
    ["what ended with its engine is paused, too", { status: "pausing", container: withEngine }, "InstancePaused"],
    ["what died cannot be paused", { status: "pausing", container: exited }, "PauseFailed container-exited, InstanceExited container-exited"],

    ["paused stays", { status: "paused", container: { state: "paused" } }, "nothing"],
    ["what was unfrozen by hand is frozen again", { status: "paused", container: {} }, "freeze"],
    ["also without the container that was frozen", { status: "paused" }, "nothing"],
    ["or when that has ended", { status: "paused", container: withEngine }, "nothing"],

    ["resuming unfreezes", { status: "resuming", container: { state: "paused" } }, "unfreeze"],
    ["then proves", { status: "resuming", container: {} }, "prove InstanceResumed 1"],
    ["for 60 s", { status: "resuming", container: {}, state: { since: ago(60) } }, "ResumeFailed resume-timeout"],
    ["what is gone is resumed by a restart", { status: "resuming" }, "InstanceResumed, InstanceExited container-vanished"],
    ["so is what ended with its engine", { status: "resuming", container: withEngine }, "InstanceResumed, InstanceExited engine-stopped"],
    ["which need not wait for a crash's sake", { status: "restarting", container: withEngine, state: { since: ago(1) } }, "start 2"],

    ["an end waits for tasks", { status: "stopping", container: {}, facts: { openTasks: 2 } }, "wait 34000"],
    ["stops what runs", { status: "stopping", container: {} }, "stop"],
    ["also what is frozen", { status: "stopping", container: { state: "paused" } }, "stop"],
    ["removes what has ended", { status: "stopping", container: exited }, "remove"],
    ["then gives its slot back, so that it is free once the end is told", { status: "stopping" }, "release-slot"],
    ["and is then over", { status: "stopping", facts: { slotHeld: false } }, "InstanceTerminated"],

    ["a failure gives its slot back first", { status: "failed", container: {} }, "release-slot"],
    ["stops what still runs", { status: "failed", container: {}, facts: { slotHeld: false } }, "stop"],
    ["and keeps the container", { status: "failed", container: exited, facts: { slotHeld: false } }, "nothing"],
    ["the stopped give their slot back", { status: "stopped" }, "release-slot"],
    ["so do the rejected", { status: "rejected" }, "release-slot"],
    ["and rest", { status: "stopped", facts: { slotHeld: false } }, "nothing"],
  ])("%s", (_, given, wanted) => {
    expect(act(given)).toBe(wanted);
  });

  it("says of an agent that cannot be reached in its container where it must listen", () => {
    const unreached = { status: "starting", container: { started_at: ago(120) }, facts: { lastBad: "the connection to the agent failed (ECONNRESET)" } } as const;
    expect(step(unreached)).toMatchObject({ do: "record", fact: { data: {
      detail: "The agent gave no good answer to its health check within 120 s: the connection to the agent failed (ECONNRESET)."
        + " In its container it must listen on port 1 of every address, not of 127.0.0.1 alone.",
    } } });
  });
});
