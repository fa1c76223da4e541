import type Docker from "dockerode";
import { fraction, multiply, parseDecimal } from "#domain/kernel/fraction.ts";
import type { ContainerSpec } from "#reactions/ports.ts";
import { containerName, labels, networkName } from "./names.ts";

const nobody = "65534:65534";

/** The user that a container runs as: the image's own unless that is root. */
export function userOf(imageUser: string | undefined): string {
  const user = imageUser?.split(":")[0]?.trim() ?? "";
  return user === "" || user === "root" || /^0+$/.test(user) ? nobody : (imageUser ?? nobody);
}

/** Billionths of a core from a decimal string, without a float. */
export function nanoCpus(cpu: string): number {
  const { n, d } = multiply(parseDecimal(cpu), fraction(1_000_000_000n));
  return Number(n / d);
}

function hostConfig(spec: ContainerSpec, published: boolean): Docker.HostConfig {
  return {
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    Privileged: false,
    ReadonlyRootfs: true,
    Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m,mode=1777" },
    PidsLimit: 256,
    Memory: spec.resources.memory_bytes,
    MemorySwap: spec.resources.memory_bytes, // equal to the memory: no swap at all
    NanoCpus: nanoCpus(spec.resources.cpu),
    Ulimits: [{ Name: "nofile", Soft: 4096, Hard: 4096 }],
    LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
    Init: true, // reaps what an agent leaves behind and passes the stop signal on
    Binds: [],
    IpcMode: "private",
    NetworkMode: networkName(spec.account_id),
    RestartPolicy: { Name: "no" }, // a restart is an event, so AgentHub alone restarts
    // An empty port lets the engine choose a free one; loopback keeps other machines out.
    ...(published && { PortBindings: { [`${spec.port}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: "" }] } }),
  };
}

/** What the engine is asked to create for an attempt. */
export function createOptions(
  spec: ContainerSpec, installation: string, imageUser: string | undefined, published: boolean,
): Docker.ContainerCreateOptions {
  return {
    name: containerName(spec.instance_id, spec.attempt),
    Image: spec.image,
    User: userOf(imageUser),
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: { [`${spec.port}/tcp`]: {} },
    StopTimeout: spec.stop_grace,
    Tty: false, // keeps stdout and stderr apart
    OpenStdin: false,
    Labels: {
      [labels.installation]: installation,
      [labels.instance]: spec.instance_id,
      [labels.attempt]: String(spec.attempt),
      [labels.account]: spec.account_id,
      [labels.port]: String(spec.port),
    },
    HostConfig: hostConfig(spec, published),
  };
}
