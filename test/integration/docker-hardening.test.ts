import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { openEngine } from "#infra/docker/client.ts";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import { createOptions, nanoCpus, userOf } from "#infra/docker/spec.ts";
import type { ContainerSpec } from "#reactions/ports.ts";
import { removeAll } from "#test/support/docker-cleanup.ts";
import { dockerSuite, testDocker } from "#test/support/docker.ts";
import { echoAgent } from "#test/support/images.ts";
import { until } from "#test/support/until.ts";

const installation = `test-${randomUUID()}`;
const memory = 96 * 2 ** 20;
const spec = (image: string, account = `account-${randomUUID()}`): ContainerSpec => ({
  instance_id: `instance-${randomUUID()}`, attempt: 1, account_id: account, image, port: 8000,
  env: { SECRET: "a=b\nc" }, resources: { memory_bytes: memory, cpu: "0.5" }, stop_grace: 5,
});

describe("What an engine is asked for", () => {
  test("never runs as root, whatever the image says, and keeps an image's own user", () => {
    for (const root of [undefined, "", "root", "root:root", "0", "0:0", "00", "0:1000"]) expect(userOf(root)).toBe("65534:65534");
    for (const user of ["node", "1000", "1000:1000", "app:0"]) expect(userOf(user)).toBe(user);
  });

  test("has processor limits exact to the billionth", () => {
    expect([nanoCpus("0.5"), nanoCpus("0.1"), nanoCpus("2"), nanoCpus("0.333333333"), nanoCpus("0.07")])
      .toEqual([500_000_000, 100_000_000, 2_000_000_000, 333_333_333, 70_000_000]);
  });

  test("publishes a port only where agents are reached through it", () => {
    expect(createOptions(spec("image"), installation, undefined, false).HostConfig?.PortBindings).toBeUndefined();
  });
});

dockerSuite("An agent's container", () => {
  const runtime = openDockerRuntime({ address: testDocker, installation, reach: "loopback" });
  const byNetwork = openDockerRuntime({ address: testDocker, installation, reach: "network" });
  const engine = openEngine(testDocker);
  let image = "";
  beforeAll(async () => {
    image = await echoAgent();
  }, 240_000);
  afterEach(() => removeAll(runtime), 120_000);

  test("is hardened in every respect", async () => {
    const asked = spec(image);
    const { container_id: id } = await runtime.start(asked);
    const { Name, Config, HostConfig, Mounts, NetworkSettings } = await engine.getContainer(id).inspect();
    const bare = asked.instance_id.slice("instance-".length);
    expect(Name).toBe(`/agenthub-${bare}-1`);
    expect(Config.User).toBe("65534:65534");
    expect(Config.Env).toContain("SECRET=a=b\nc");
    expect(Config.Labels).toMatchObject({
      "agenthub.installation": installation, "agenthub.instance": asked.instance_id, "agenthub.attempt": "1", "agenthub.account": asked.account_id,
    });
    expect(HostConfig).toMatchObject({
      CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"], Privileged: false, ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m,mode=1777" },
      PidsLimit: 256, Memory: memory, NanoCpus: 500_000_000, Init: true, IpcMode: "private", PublishAllPorts: false,
      Ulimits: [{ Name: "nofile", Soft: 4096, Hard: 4096 }],
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
      RestartPolicy: { Name: "no" },
      PortBindings: { "8000/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
      NetworkMode: `agenthub-${asked.account_id.slice("account-".length)}`,
    });
    // An engine that cannot account for swap says -1.
    expect([memory, -1]).toContain(HostConfig.MemorySwap);
    expect(HostConfig.CapAdd ?? []).toEqual([]);
    expect(HostConfig.Binds ?? []).toEqual([]);
    expect(HostConfig.Devices ?? []).toEqual([]);
    expect([HostConfig.PidMode, HostConfig.UTSMode]).toEqual(["", ""]);
    expect(Mounts.filter(({ Type }) => Type !== "tmpfs")).toEqual([]);
    expect(Object.keys(NetworkSettings.Networks)).toEqual([HostConfig.NetworkMode]);
    expect(NetworkSettings.Ports["8000/tcp"]?.map(({ HostIp }) => HostIp)).toEqual(["127.0.0.1"]);
  });

  test("reaches neither another account's containers nor its own account's others", async () => {
    const account = `account-${randomUUID()}`;
    const mine = await runtime.start(spec(image, account));
    const [sibling, foreign] = [await runtime.start(spec(image, account)), await runtime.start(spec(image))];
    for (const { address } of [mine, sibling, foreign])
      await until(async () => (await fetch(`${address}/health`)).ok, { what: "an agent's health", timeout: 40_000 });
    const ipOf = async (id: string) => Object.values((await engine.getContainer(id).inspect()).NetworkSettings.Networks)[0]?.IPAddress ?? "";
    const reach = async (host: string) => {
      const answer = await fetch(`${mine.address}/reach?host=${host}&port=8000`);
      return (await answer.json() as { outcome: string }).outcome;
    };
    expect(await reach(await ipOf(mine.container_id))).toBe("connected"); // the question itself works
    expect(await reach(await ipOf(sibling.container_id))).not.toBe("connected");
    expect(await reach(await ipOf(foreign.container_id))).not.toBe("connected");
  }, 120_000);

  test("has the address of its own network, and no published port, when reached by the network", async () => {
    const { address, container_id: id } = await byNetwork.start(spec(image));
    expect(address).toMatch(/^http:\/\/\d+\.\d+\.\d+\.\d+:8000$/);
    expect((await engine.getContainer(id).inspect()).NetworkSettings.Ports["8000/tcp"] ?? []).toEqual([]);
  });
});
