import type { Dispatcher } from "undici";
import type { Clock } from "#commands/ports.ts";
import type { AgentEvent, AgentRequest, AgentTarget } from "#reactions/ports.ts";
import type { Connector } from "../../outbound/dial.ts";

/** How often each side says that it lives, and how long a silence is believed in. */
export const heartbeatMs = 30_000;
export const silenceMs = 120_000;
/** How long a handshake may take. */
export const handshakeMs = 10_000;
/** The largest message: a result of 1 MiB and what is wrapped around it. */
export const maxMessageBytes = 1_114_112;

/** An open connection to an agent, in whichever way the agent offers. */
export interface Transport {
  readonly kind: "websocket" | "http" | "runs";
  /** Resolves when it is gone for good. */
  readonly closed: Promise<void>;
  /** When the agent last said that it lives (ms). */
  readonly lastHeartbeat: () => number;
  /** When anything at all was last heard (ms). */
  readonly lastHeard: () => number;
  readonly responseMs: () => number;
  /** Says that we live and asks whether the agent does; never throws. */
  beat(signal: AbortSignal): Promise<void>;
  /** Ends with `done`; throws AgentFailure, or the signal's reason. */
  execute(request: AgentRequest, signal: AbortSignal): AsyncIterable<AgentEvent>;
  close(reason: string): Promise<void>;
}

/** What transports need. */
export interface TransportContext {
  readonly target: AgentTarget;
  readonly dispatcher: Dispatcher;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** The request's body in every transport; the time limit in seconds. */
export const taskOf = ({ endpoint, parameters, timeout_ms }: AgentRequest): Record<string, unknown> =>
  ({ endpoint, parameters: parameters ?? {}, timeout: timeout_ms / 1000 });
