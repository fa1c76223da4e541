import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { openEngine } from "#infra/docker/client.ts";
import { openDockerRuntime } from "#infra/docker/runtime.ts";
import type { ContainerSpec, ObservedContainer } from "#reactions/ports.ts";
import { removeAll } from "#test/support/docker-cleanup.ts";
import { dockerSuite, testDocker } from "#test/support/docker.ts";
import { crashingAgent, echoAgent } from "#test/support/images.ts";
import { until } from "#test/support/until.ts";

const MiB = 2 ** 20;
const installation = `test-${randomUUID()}`;
const runtime = openDockerRuntime({ address: testDocker, installation, reach: "loopback" });
const engine = openEngine(testDocker);

const spec = (image: string, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
  instance_id: `instance-${randomUUID()}`, attempt: 1, account_id: `account-${randomUUID()}`, image, port: 8000,
  env: { VALUE: "steered" }, resources: { memory_bytes: 128 * MiB, cpu: "0.75" }, stop_grace: 5, ...more,
});
const fetchJson = async (url: string, init?: RequestInit): Promise<unknown> => (await fetch(url, init)).json();
const serving = (container: ObservedContainer) =>
  until(async () => (await fetch(`${container.address}/health`)).ok, { what: "the agent's health", timeout: 40_000 });
const exited = (instanceId: string) => until(async () => {
  const seen = await runtime.inspect(instanceId);
  return seen?.state === "exited" && seen;
}, { what: "the container's end", timeout: 40_000 });

dockerSuite("A Docker Engine as container runtime", () => {
  let echo = "";
  beforeAll(async () => {
    echo = await echoAgent();
  }, 240_000);
  afterEach(() => removeAll(runtime), 120_000);

  test("tells its version", async () => {
    expect(await runtime.health()).toEqual({ ok: true, version: expect.stringMatching(/^\d+\./) });
  });

  test("starts a container that answers on loopback with the environment it was given", async () => {
    const asked = spec(echo);
    const container = await runtime.start(asked);
    expect(container).toMatchObject({
      instance_id: asked.instance_id, attempt: 1, state: "running", finished_at: null, exit_code: null, out_of_memory: false,
      address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), started_at: expect.stringMatching(/\.\d{3}Z$/),
    });
    await serving(container);
    expect(await fetchJson(`${container.address}/run`, { method: "POST", body: '{"a":1}' }))
      .toEqual({ method: "POST", path: "/run", echo: { a: 1 }, value: "steered" });
  });

  test("adopts an attempt's container instead of making a second one, even when asked twice at once", async () => {
    const asked = spec(echo);
    const [first, second] = await Promise.all([runtime.start(asked), runtime.start(asked)]);
    const third = await runtime.start(asked);
    expect(new Set([first, second, third].map(({ container_id }) => container_id)).size).toBe(1);
    expect(await runtime.list()).toHaveLength(1);
  });

  test("shows an instance's highest attempt, and lists all of them", async () => {
    const asked = spec(echo);
    await runtime.start(asked);
    const second = await runtime.start({ ...asked, attempt: 2 });
    expect((await runtime.inspect(asked.instance_id))?.container_id).toBe(second.container_id);
    expect((await runtime.list()).map(({ attempt }) => attempt).toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(await runtime.inspect(`instance-${randomUUID()}`)).toBeNull();
  });

  test("freezes, thaws and stops; doing so twice is fine", async () => {
    const asked = spec(echo);
    const { container_id: id } = await runtime.start(asked);
    await runtime.pause(id);
    await runtime.pause(id);
    expect(await runtime.inspect(asked.instance_id)).toMatchObject({ state: "paused", address: expect.any(String) });
    await runtime.resume(id);
    await runtime.resume(id);
    expect(await runtime.inspect(asked.instance_id)).toMatchObject({ state: "running" });
    await runtime.pause(id);
    await runtime.stop(id, 5);
    await runtime.stop(id, 5);
    expect(await runtime.inspect(asked.instance_id)).toMatchObject({ state: "exited", address: null, finished_at: expect.any(String) });
    await expect(runtime.pause(id)).rejects.toMatchObject({ code: "container-failed" });
  });

  test("removes a container and, with an account's last one, its network", async () => {
    const asked = spec(echo);
    const network = engine.getNetwork(`agenthub-${asked.account_id.slice(8)}`);
    const first = await runtime.start(asked);
    const second = await runtime.start({ ...asked, instance_id: `instance-${randomUUID()}` });
    await runtime.remove(first.container_id);
    await runtime.remove(first.container_id);
    await expect(network.inspect()).resolves.toMatchObject({ Options: { "com.docker.network.bridge.enable_icc": "false" }, Internal: false });
    await runtime.remove(second.container_id);
    await expect(network.inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect(await runtime.list()).toEqual([]);
  });

  test("reports an exit with its code and leaves the ended attempt as it is", async () => {
    const asked = spec(await crashingAgent());
    await runtime.start(asked);
    const ended = await exited(asked.instance_id);
    expect(ended).toMatchObject({ exit_code: 3, out_of_memory: false, finished_at: expect.any(String) });
    expect(ended).not.toHaveProperty("ended_with_engine");
    expect(await runtime.start(asked)).toEqual(ended);
  });

  test("recognises that the kernel took a container's memory away", async () => {
    const asked = spec(echo);
    const container = await runtime.start(asked);
    await serving(container);
    await fetch(`${container.address}/hog`);
    await until(async () => (await runtime.inspect(asked.instance_id))?.out_of_memory, { what: "the engine's word on memory", timeout: 90_000 });
    expect(await exited(asked.instance_id)).toMatchObject({ exit_code: 137 });
  }, 180_000);

  test("hides the containers of another installation", async () => {
    const other = openDockerRuntime({ address: testDocker, installation: `test-${randomUUID()}`, reach: "loopback" });
    const asked = spec(echo);
    const { container_id: id } = await runtime.start(asked);
    expect(await other.list()).toEqual([]);
    expect(await other.inspect(asked.instance_id)).toBeNull();
    await other.stop(id, 1);
    await other.remove(id);
    expect(await runtime.inspect(asked.instance_id)).toMatchObject({ state: "running" });
    await expect(other.start(asked)).rejects.toMatchObject({ code: "container-failed" });
  });

  test("measures a running container, and has no figures for one that ended or is gone", async () => {
    const asked = spec(echo);
    const container = await runtime.start(asked);
    await serving(container);
    const figures = await until(() => runtime.stats(container.container_id), { what: "figures", timeout: 60_000 });
    expect(figures.memory_limit_bytes).toBe(128 * MiB);
    expect(figures.memory_bytes).toBeGreaterThan(MiB);
    expect(figures.cpu_percent).toBeGreaterThanOrEqual(0);
    expect(figures.network_rx_bytes).toBeGreaterThan(0);
    await runtime.stop(container.container_id, 5);
    expect(await runtime.stats(container.container_id)).toBeNull();
    await runtime.remove(container.container_id);
    expect(await runtime.stats(container.container_id)).toBeNull();
  }, 120_000);

  test("hears of a container that somebody else killed", async () => {
    const changed: string[] = [];
    const stop = runtime.watch((instanceId) => changed.push(instanceId));
    try {
      const asked = spec(echo);
      const { container_id: id } = await runtime.start(asked);
      await until(() => changed.includes(asked.instance_id), { what: "word of the start" });
      const before = changed.length;
      await engine.getContainer(id).kill();
      await until(() => changed.slice(before).includes(asked.instance_id), { what: "word of the kill" });
      expect(await exited(asked.instance_id)).toMatchObject({ exit_code: 137 });
    } finally {
      stop();
    }
  });

  test("refuses a start in words for customers when the image is absent or asks for the impossible", async () => {
    await expect(runtime.start(spec("sha256:" + "0".repeat(64)))).rejects.toMatchObject({ code: "image-not-found" });
    const impossible = spec(echo, { resources: { memory_bytes: 128 * MiB, cpu: "100000" } });
    await expect(runtime.start(impossible))
      .rejects.toMatchObject({ code: "container-failed", message: "The engine has fewer processors than the container asks for" });
    await expect(engine.getNetwork(`agenthub-${impossible.account_id.slice(8)}`).inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  afterAll(() => removeAll(runtime), 120_000);
});

describe("A Docker Engine that does not answer", () => {
  const lost = openDockerRuntime({ address: "unix:///nowhere/docker.sock", installation, reach: "loopback" });

  test("is unhealthy, and every call says runtime-unavailable", async () => {
    expect(await lost.health()).toMatchObject({ ok: false });
    await expect(lost.list()).rejects.toMatchObject({ code: "runtime-unavailable" });
    await expect(lost.start(spec("any/image:1"))).rejects.toMatchObject({ code: "runtime-unavailable" });
    await expect(lost.pull("any/image:1", { policy: "missing" })).rejects.toMatchObject({ code: "runtime-unavailable" });
    await expect(lost.pull("any/image:1", { policy: "always" })).rejects.toMatchObject({ code: "runtime-unavailable" });
  });
});
