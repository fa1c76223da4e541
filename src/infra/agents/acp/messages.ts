import { z } from "zod";
import { parseJson } from "../body.ts";
import { AgentFailure } from "../failure.ts";

/** What AgentHub says of itself in a handshake. */
export const greeting = { protocol_version: "1.0", client_type: "agenthub_server" } as const;

// Agents leave fields out or add some; only the kind of a message and where its payload lies are relied upon.
const incoming = z.looseObject({
  type: z.string().max(64),
  message_id: z.string().max(200).nullish(),
  payload: z.record(z.string(), z.unknown()).nullish(),
});

/** A message of an agent. */
export interface Incoming {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Reads a message; throws agent-protocol-error. */
export function parseMessage(text: string): Incoming {
  const parsed = incoming.safeParse(parseJson(text));
  if (!parsed.success) throw new AgentFailure("agent-protocol-error", "the agent sent no ACP message");
  const { type, payload, ...rest } = parsed.data;
  return { type, payload: payload ?? rest };
}

/** The text of a message to an agent. */
export const message = (type: string, agentId: string, messageId: string, payload: unknown, at: number): string =>
  JSON.stringify({ type, agent_id: agentId, message_id: messageId, payload, timestamp: new Date(at).toISOString() });

/** Whether a handshake was answered with readiness, inside an envelope or bare. */
export function isReady(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  const { status, payload } = answer as { status?: unknown; payload?: unknown };
  return status === "ready" || (payload !== undefined && isReady(payload));
}
