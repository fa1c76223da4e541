import type { ContainerRuntime } from "#reactions/ports.ts";
import { openEngine } from "./client.ts";
import { Containers } from "./containers.ts";
import { watchEvents } from "./events.ts";
import { Images } from "./images.ts";
import { readLogs } from "./logs.ts";
import { AccountNetworks } from "./networks.ts";
import type { Reach } from "./observed.ts";
import { Outages } from "./outages.ts";
import { sampleContainer } from "./stats.ts";

/** Which engine, for which installation, and how its containers are reached. */
export type DockerOptions = {
  /** `unix://`, `npipe://` or `tcp://`; without one DOCKER_HOST or the default socket. */
  readonly address?: string | undefined;
  readonly installation: string;
  readonly reach: Reach;
  readonly name?: string | undefined;
};

// The published types do not know that a call can be aborted.
type Versioned = { version(options: { abortSignal: AbortSignal }): Promise<{ Version: string }> };

const healthTimeout = 3_000;

/** A container runtime on a Docker Engine. */
export function openDockerRuntime({ address, installation, reach, name = "docker" }: DockerOptions): ContainerRuntime {
  const engine = openEngine(address);
  const outages = new Outages();
  const containers = new Containers(engine, new AccountNetworks(engine, installation), installation, reach, outages);
  const images = new Images(engine);

  async function health(): Promise<{ ok: boolean; version?: string; detail?: string }> {
    try {
      const abortSignal = AbortSignal.timeout(healthTimeout);
      const { Version } = await (engine as unknown as Versioned).version({ abortSignal });
      return { ok: true, version: Version };
    } catch {
      return { ok: false, detail: "The container engine does not answer" };
    }
  }

  return {
    name,
    health,
    pull: (image, options) => images.pull(image, options),
    start: (spec) => containers.start(spec),
    inspect: (instanceId) => containers.inspect(instanceId),
    pause: (id) => containers.pause(id),
    resume: (id) => containers.resume(id),
    stop: (id, graceSeconds) => containers.stop(id, graceSeconds),
    remove: (id) => containers.remove(id),
    list: () => containers.list(),
    stats: (id) => sampleContainer(engine, id),
    logs: (id, options) => readLogs(engine, id, options),
    removeImage: (image) => images.remove(image),
    watch: (onChange) => watchEvents(engine, installation, outages, onChange),
  };
}
