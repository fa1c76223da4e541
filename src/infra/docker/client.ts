import { Agent as HttpAgent } from "node:http";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import Docker from "dockerode";

// The published types lack what docker-modem takes.
type WithAgent = Docker.DockerOptions & { agent?: HttpAgent };

type Dial = Docker["modem"]["dial"];
type Answer = (error: unknown, result: unknown) => void;

// Some answers are no JSON: the lines of a log come as bytes.
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return body;
  }
}

// An answer that breaks off would leave its caller waiting for ever: docker-modem hears the end of a body, never its loss.
function hearLosses(engine: Docker): Docker {
  const { modem } = engine;
  const dial = modem.dial.bind(modem) as Dial;
  modem.dial = ((options: Parameters<Dial>[0], answer: Answer) => {
    if (options.isStream === true || options.hijack === true || options.openStdin === true) return dial(options, answer as Parameters<Dial>[1]);
    const read = (error: unknown, body: unknown): void => {
      if (error) answer(error, null);
      else buffer(body as Readable).then((whole) => answer(null, parsed(whole)), (lost: unknown) => answer(lost, null));
    };
    return dial({ ...options, isStream: true }, read as Parameters<Dial>[1]);
  }) as Dial;
  return engine;
}

/** Opens the Engine API at a `unix://`, `npipe://`, `tcp://`, `http://` or `https://` address; the environment's engine without one. */
export function openEngine(address?: string): Docker {
  // A connection for every call: one that idles through an engine's restart would fail the next call for nothing.
  const agent = new HttpAgent({ keepAlive: false });
  const open = (options: WithAgent): Docker => hearLosses(new Docker(options));
  if (address === undefined) return process.env["DOCKER_TLS_VERIFY"] ? open({}) : open({ agent });
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(address)?.[1];
  if (socket !== undefined) return open({ socketPath: socket, agent });
  if (address.startsWith("/")) return open({ socketPath: address, agent });
  const url = new URL(address.replace(/^tcp:/, "http:"));
  const protocol = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? (protocol === "https" ? 2376 : 2375) : Number(url.port);
  return open({ protocol, host: url.hostname, port, ...(protocol === "http" && { agent }) });
}
