import { z } from "zod";
import { defineCommand } from "#domain/kernel/aggregate.ts";
import { Refusal } from "#domain/kernel/errors.ts";
import { instanceId } from "#domain/kernel/ids.ts";
import { pauseRequested, resumeRequested, terminationRequested } from "#domain/instance/events.ts";
import { instance, type InstanceState } from "#domain/instance/instance.ts";

const input = z.object({ instance_id: instanceId, reason: z.string().default("requested") });
const stream = ({ instance_id }: z.output<typeof input>): string => instance_id;

function assertExists(state: InstanceState): void {
  if (state.status === "none") throw new Refusal("instance-not-found", "There is no such instance.");
}

function refuse(verb: string, state: InstanceState): never {
  throw new Refusal("invalid-state-transition", `An instance that is ${state.status} cannot be ${verb}.`, { status: state.status });
}

/** Asks that an instance be frozen; its clock stops at once. Asking again changes nothing. */
export const pauseInstance = defineCommand({
  name: "PauseInstance", input, aggregate: instance, stream,
  decide({ instance_id, reason }, state) {
    assertExists(state);
    if (state.status === "paused" || state.status === "pausing") return [];
    return state.status === "running" ? [pauseRequested({ instance_id, reason })] : refuse("paused", state);
  },
});

/** Asks that a paused instance go on. Asking again changes nothing. */
export const resumeInstance = defineCommand({
  name: "ResumeInstance", input, aggregate: instance, stream,
  decide({ instance_id, reason }, state) {
    assertExists(state);
    if (state.status === "running" || state.status === "resuming") return [];
    return state.status === "paused" ? [resumeRequested({ instance_id, reason })] : refuse("resumed", state);
  },
});

/** Asks that an instance end for good; its clock stops at once. Asking again changes nothing. */
export const terminateInstance = defineCommand({
  name: "TerminateInstance", input, aggregate: instance, stream,
  decide({ instance_id, reason }, state) {
    assertExists(state);
    if (["stopping", "stopped", "rejected"].includes(state.status)) return [];
    return [terminationRequested({ instance_id, reason })];
  },
});
