import { Agent as HttpAgent } from "node:http";
import Docker from "dockerode";

// The published types lack what docker-modem takes.
type WithAgent = Docker.DockerOptions & { agent?: HttpAgent };

/** Opens the Engine API at a `unix://`, `npipe://`, `tcp://`, `http://` or `https://` address; the environment's engine without one. */
export function openEngine(address?: string): Docker {
  // A connection for every call: one that idles through an engine's restart would fail the next call for nothing.
  const agent = new HttpAgent({ keepAlive: false });
  const open = (options: WithAgent): Docker => new Docker(options);
  if (address === undefined) return process.env["DOCKER_TLS_VERIFY"] ? open({}) : open({ agent });
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(address)?.[1];
  if (socket !== undefined) return open({ socketPath: socket, agent });
  if (address.startsWith("/")) return open({ socketPath: address, agent });
  const url = new URL(address.replace(/^tcp:/, "http:"));
  const protocol = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? (protocol === "https" ? 2376 : 2375) : Number(url.port);
  return open({ protocol, host: url.hostname, port, ...(protocol === "http" && { agent }) });
}
