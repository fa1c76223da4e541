import { deadline } from "../deadline.ts";
import { AgentFailure } from "../failure.ts";
import { openHttpTransport } from "./http-transport.ts";
import { openRunsTransport } from "./runs-transport.ts";
import { NoWebSocket } from "./socket.ts";
import { openSocketTransport } from "./socket-transport.ts";
import { handshakeMs } from "./transport.ts";
import type { Transport, TransportContext } from "./transport.ts";

type Open = (context: TransportContext, signal: AbortSignal) => Promise<Transport | null>;

async function within(context: TransportContext, signal: AbortSignal, open: Open): Promise<Transport | null> {
  const limit = deadline(context.clock, handshakeMs, signal);
  try {
    return await open(context, limit.signal);
  } catch (error) {
    if (limit.expired()) throw new AgentFailure("agent-timeout", "the agent did not finish the handshake in time");
    throw error;
  } finally {
    limit.clear();
  }
}

const byWebSocket: Open = async (context, signal) => {
  try {
    return await openSocketTransport(context, signal);
  } catch (error) {
    if (error instanceof NoWebSocket) return null;
    throw error;
  }
};

/** Opens the best connection that the agent offers: a WebSocket, else HTTP, else the older runs. Throws when it offers none or is not ready. */
export async function openTransport(context: TransportContext, signal: AbortSignal): Promise<Transport> {
  for (const open of [byWebSocket, openHttpTransport, openRunsTransport]) {
    const transport = await within(context, signal, open);
    if (transport) return transport;
  }
  throw new AgentFailure("agent-protocol-error", "the agent does not speak ACP");
}
