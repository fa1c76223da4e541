import { capacity } from "#domain/capacity/capacity.ts";
import type { InstanceRequest } from "#domain/instance/events.ts";
import { instance, type InstanceState } from "#domain/instance/instance.ts";
import { capacityStream } from "#domain/kernel/ids.ts";
import { fromMillis } from "#domain/kernel/time.ts";
import type { Executor } from "#commands/execute.ts";
import type { Facts } from "./next-action.ts";
import type { Proof } from "./proofs.ts";

/** Whether an instance holds a slot of its agent. */
export async function holdsSlotOf(executor: Executor, request: InstanceRequest): Promise<boolean> {
  const { state } = await executor.state(capacity, capacityStream(request.agent_id));
  return state.held.has(request.instance_id);
}

/** An instance's folded state, now. */
export async function instanceState(executor: Executor, instanceId: string): Promise<InstanceState> {
  return (await executor.state(instance, instanceId)).state;
}

/** What a proof says to a decision. */
export const proofFacts = (proof: Proof | null): Pick<Facts, "lastGood" | "provenStart"> => ({
  lastGood: proof === null ? null : fromMillis(proof.good_at),
  provenStart: proof?.container_started_at ?? null,
});
