import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import type { ContainerRuntime } from "#reactions/ports.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;

/** Where an engine answers that is this handler; one at a time. */
export async function engineAt(handle: Handler): Promise<string> {
  server = createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A runtime on such an engine. */
export const engine = async (handle: Handler): Promise<ContainerRuntime> =>
  openDockerRuntime({ address: await engineAt(handle), installation: "here", reach: "loopback" });

/** Breaks what connections there are. */
export const breakConnections = (): void => server?.closeAllConnections();

/** Settles when the engine is asked something. */
export const nextRequest = async (): Promise<void> => { await once(server as Server, "request"); };

/** Ends the engine. */
export async function stopEngine(): Promise<void> {
  breakConnections();
  if (server?.listening) {
    server.close();
    await once(server, "close");
  }
}
