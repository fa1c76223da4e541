import type { InstanceEvent } from "#domain/instance/events.ts";
import type { InstanceState } from "#domain/instance/instance.ts";
import { fromMillis, toMillis } from "#domain/kernel/time.ts";
import type { Proof } from "./proofs.ts";

/** How much longer than two intervals nobody may have looked before time counts as unproven. */
const gapMarginMs = 5_000;

/**
 * The time up to now that nothing proves the agent to have run in; null when there is none.
 * A container's engine proves that it ran; of a remote agent nobody knows, and nobody pays for what nobody knows.
 */
export function unprovenTime(state: InstanceState, proof: Proof | null, now: number, intervalMs: number): InstanceEvent | null {
  const { request, status, clock_from } = state;
  if (request?.release.type !== "standard" || status !== "running" || proof === null) return null;
  const from = Math.max(proof.seen_at, toMillis(clock_from ?? fromMillis(now)));
  if (now - from <= 2 * intervalMs + gapMarginMs) return null;
  return { type: "TimeUnproven", data: { instance_id: request.instance_id, from: fromMillis(from), to: fromMillis(now) } };
}
